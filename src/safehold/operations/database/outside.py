"""An outside PostgreSQL server by one setting, reached over verified TLS or not at all."""

from __future__ import annotations

from typing import NamedTuple

from safehold.operations.errors import BadSettings

__all__ = ["OutsideServer", "outside_server"]


class OutsideServer(NamedTuple):
    """Where an outside server is and how its certificate is checked."""

    host: str
    port: int
    options: tuple[tuple[str, str], ...]


_KEPT = ("sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding", "connect_timeout", "target_session_attrs")


def outside_server(admin_url: str) -> OutsideServer:
    """How every process reaches the server that `database_admin_url` names: host, port and TLS options."""
    # Loading the driver takes a while; only an installation with an outside server needs it here.
    from psycopg import ProgrammingError  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        parts = conninfo_to_dict(admin_url)
    except ProgrammingError as error:
        raise BadSettings(f"database_admin_url can't be read: {str(error).strip()}") from None
    host = str(parts.get("host") or "")
    if not host:
        raise BadSettings("database_admin_url names no host.", hint="As in postgresql://admin@db.example.org/postgres")
    if not host.startswith("/") and parts.get("sslmode") != "verify-full":
        raise BadSettings(
            f"database_admin_url reaches {host} without sslmode=verify-full.",
            hint="Add ?sslmode=verify-full&sslrootcert=/path/to/ca.pem to it.",
        )
    options = tuple((name, str(parts[name])) for name in _KEPT if parts.get(name))
    return OutsideServer(host, int(str(parts.get("port") or 5432)), options)
