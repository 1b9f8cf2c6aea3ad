"""The supervisor's own log, and the last words of a process that it reads in another's."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from safehold.kernel.logline import encode
from safehold.kernel.redaction import redact
from safehold.operations.files import owner_of_home

__all__ = ["messages", "note"]


def note(folder: Path, level: str, message: str) -> None:
    """Add a line to the supervisor's own log."""
    log = folder / "supervisor.log"
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    about = {"at": at, "level": level, "logger": "supervisor", "process": "supervisor", "pid": os.getpid()}
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(log, flags, 0o600)
    try:
        if (owner := owner_of_home(log)) is not None:
            os.fchown(descriptor, *owner)
        os.write(descriptor, encode(about | {"message": redact(message)}))
    finally:
        os.close(descriptor)


def messages(said: str) -> list[str]:
    """What lines of a log say to people: the words of ours, the last line of an error, other lines as they are."""
    return [words for line in said.replace("\0", "").splitlines() if (words := _message(line))]


def _message(line: str) -> str:
    try:
        found = json.loads(line)
    except ValueError:
        return line
    if not isinstance(found, dict):
        return line
    error = str(found.get("error", "")).strip()
    return error.splitlines()[-1] if error else str(found.get("message", ""))
