"""One line of an application log: a JSON object with a fixed set of members (specs/log-line.md).

Whatever a program said, in this form or in none, becomes exactly one such line: no input can begin a second one, and
what looks like a secret is taken out whether its writer did so or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from safehold.kernel.redaction import redact

__all__ = ["LEVELS", "MEMBERS", "age_of", "encode", "moment", "understand"]

MEMBERS: Final = ("at", "level", "logger", "process", "pid", "reference", "message", "error")
LEVELS: Final = ("debug", "info", "warning", "error", "critical")
_WORD: Final = 200
_DATABASE = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (?:UTC|GMT) \[(?P<pid>\d+)\] (?:\S*@\S* (?P<code>[0-9A-Z]{5}) )?"
    r"(?P<level>[A-Z]+\d?):  (?P<message>.*)",
    re.DOTALL,
)
_SEVERITY: Final = {"WARNING": "warning", "ERROR": "error", "FATAL": "error", "PANIC": "critical"}


def encode(line: Mapping[str, object]) -> bytes:
    """The line's bytes, in ASCII with a line feed at the end. Members that the format doesn't know are left out."""
    known = {name: line[name] for name in MEMBERS if line.get(name) not in (None, "")}
    return json.dumps(known, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def understand(raw: bytes, *, process: str, seen: datetime, before: str = "") -> dict[str, object]:
    """The line in these bytes, whoever wrote them: ours, the database server's, or words without any form.

    `seen` is now, the latest moment that a line may claim; one that says none has that of the line `before` it.
    """
    text = raw.decode("utf-8", "replace").rstrip("\r\n").lstrip("\x00")
    found = _ours(text) or _databases(text) or {"message": text}
    line: dict[str, object] = {
        "at": min(moment(str(found.get("at", "")), moment(before, seen)), seen).isoformat(timespec="milliseconds"),
        "level": found["level"] if found.get("level") in LEVELS else "info",
        "logger": redact(str(found.get("logger") or process)[:_WORD]),
        "process": process,
        "message": redact(str(found.get("message", ""))),
    }
    if isinstance(pid := found.get("pid"), int):
        line["pid"] = pid
    for name in ("reference", "error"):
        if said := found.get(name):
            line[name] = redact(str(said) if name == "error" else str(said)[:_WORD])
    return line


def age_of(line: Mapping[str, object], now: datetime) -> float:
    """How many seconds ago a line was written."""
    return (now - moment(str(line.get("at", "")), now)).total_seconds()


def moment(text: str, otherwise: datetime) -> datetime:
    """The moment that a line names, or another where it names none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _ours(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _databases(text: str) -> dict[str, object] | None:
    found = _DATABASE.fullmatch(text)
    if found is None:
        return None
    level = _SEVERITY.get(found["level"], "info")
    said = f"{found['level']} {found['code'] or '00000'}: {found['message']}"
    at = f"{found['at'].replace(' ', 'T')}+00:00"
    return {"at": at, "level": level, "logger": "postgresql", "pid": int(found["pid"]), "message": said}
