"""How far sealing is behind, asked without Django: for `safehold status`, and for whoever watches an installation."""

from __future__ import annotations

from importlib import resources

from safehold.foundation.audit.conf import ALARM_SECONDS
from safehold.kernel.installation import Installation

__all__ = ["sealing_of", "warning"]

_SECONDS_TO_ANSWER = 2


def sealing_of(installation: Installation) -> dict[str, object] | None:
    """Seconds since the sealer's last pass, seconds that the oldest event has waited, logs in trouble, and whether that
    is an alarm. None where the database doesn't answer: then nothing is known, and nothing is said to be well.
    """
    import psycopg  # noqa: PLC0415 - a status of what doesn't run does without

    login = installation.login("sealer")
    text = (resources.files(__package__) / "sql" / "sealing.sql").read_text(encoding="utf-8")
    try:
        with psycopg.connect(
            host=login.host,
            port=login.port,
            dbname=login.name,
            user=login.user,
            password=login.password,
            connect_timeout=_SECONDS_TO_ANSWER,
            **dict(login.options),  # type: ignore[arg-type]  # libpq's own parameters
        ) as connection:
            row = connection.execute(text.encode()).fetchone()
    except psycopg.Error:
        return None
    silent, waiting, troubled = row or (0.0, 0.0, [])
    return {
        "silent_seconds": round(silent, 3),
        "waiting_seconds": round(waiting, 3),
        "troubled": troubled,
        "alarm": silent > ALARM_SECONDS or waiting > ALARM_SECONDS or bool(troubled),
    }


def warning(found: dict[str, object] | None) -> str:
    """What a person is told; "" where all is well or nothing is known."""
    if not found or not found["alarm"]:
        return ""
    troubled = found["troubled"]
    if isinstance(troubled, list) and troubled:
        return f"ALARM: {len(troubled)} logs can't be sealed or signed. The first: {troubled[0]}"
    silent, waiting = found["silent_seconds"], found["waiting_seconds"]
    if isinstance(waiting, float) and waiting > ALARM_SECONDS:
        return f"ALARM: the oldest event has been waiting for its place in the log for {waiting:.0f} s."
    return f"ALARM: the sealer hasn't been heard of for {silent:.0f} s."
