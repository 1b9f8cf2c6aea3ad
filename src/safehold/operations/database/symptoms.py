"""What the server says when it doesn't start, turned into a sentence that tells people what to do."""

from __future__ import annotations

from pathlib import Path

from safehold.operations.database.place import Place
from safehold.operations.errors import DatabaseProblem

__all__ = ["disk_full", "explain", "passes", "size", "tail"]

_MOST = 64 * 1024
_PASSING = ("pre-existing shared memory block", "is still in use", "the database system is shutting down")
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")
_TAKEN = (
    "Address already in use",
    '.lock" already exists',
    "could not create any Unix-domain sockets",
    "is another postmaster",
)


def size(log: Path) -> int:
    """How long the log is now."""
    return log.stat().st_size if log.exists() else 0


def tail(log: Path, start: int) -> str:
    """What was said since `start`, at most its last 4,000 characters."""
    with log.open("rb") as file:
        file.seek(max(start, size(log) - _MOST))  # what was gathered into the archive lies before, blotted out
        return file.read().lstrip(b"\0").decode("utf-8", "replace")[-4000:]


def passes(said: str) -> bool:
    """Whether waiting helps: children of a killed server still hold its memory, and will let go."""
    return any(sign in said for sign in _PASSING)


def explain(said: str, place: Place) -> DatabaseProblem:
    """The problem behind what the server said."""
    if any(sign in said for sign in _FULL):
        return disk_full(place, "the server couldn't write")
    if any(sign.lower() in said.lower() for sign in _TAKEN):
        return DatabaseProblem(
            f"The database's socket in {place.sockets} is taken by another server.",
            hint="Stop the other one first, by its own home: `safehold down --home DIR`",
        )
    if "Permission denied" in said:
        return DatabaseProblem(f"The server's account may not use {place.folder}. It said: {_last(said)}")
    return DatabaseProblem(f"The database didn't start. It said: {_last(said)}", hint="Its log has the rest.")


def disk_full(place: Place, detail: str) -> DatabaseProblem:
    """The disk is full. Nothing acknowledged is lost: the server stops before that."""
    return DatabaseProblem(
        f"The disk that holds {place.folder} is full ({detail}).",
        hint="Nothing that was saved is lost. Make room on it, then: `safehold up`",
    )


def _last(said: str) -> str:
    """The lines that matter most, or the last ones."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return " / ".join((telling or lines)[-3:]) or "nothing"
