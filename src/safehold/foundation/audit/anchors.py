"""The newest checkpoint of each log, kept in a folder outside the database.

Who rolls the database back, cuts a log or writes it anew doesn't reach these files by the same way; the sealer refuses
to sign a head that does not grow out of the one that is anchored, and checks compare the two.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from safehold.kernel.auditevent import LOGS
from safehold.kernel.checkpoint import Checkpoint
from safehold.kernel.errors import Tampered
from safehold.kernel.ids import PLATFORM

__all__ = ["SUFFIX", "anchored", "read", "write"]

SUFFIX = ".checkpoint"
_NAMES = {PLATFORM: "platform", LOGS: "logs"}


def _path(folder: Path, log: UUID) -> Path:
    return folder / f"{_NAMES.get(log) or log}{SUFFIX}"


def read(folder: Path, log: UUID) -> str | None:
    """The anchored note of a log, unverified; None if there is none."""
    try:
        return _path(folder, log).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def anchored(folder: Path) -> Iterator[UUID]:
    """The logs that have an anchor."""
    ids = {name: log for log, name in _NAMES.items()}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        name = path.name.removesuffix(SUFFIX)
        with suppress(ValueError):
            yield ids.get(name) or UUID(name)


def write(folder: Path, notes: Mapping[UUID, str]) -> None:
    """Put each log's note in its file, whole or not at all, even when the machine dies meanwhile.

    A newer note that is there already stays: another sealer has been faster.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for log, note in notes.items():
            if _age(note) >= _age(read(folder, log) or ""):
                _replace(_path(folder, log), note)


def _age(note: str) -> tuple[int, int]:
    """Size and time that a note states, to tell the newer of two; what is no checkpoint is older than any."""
    try:
        said = Checkpoint.parse(note.partition("\n\n")[0] + "\n")
    except Tampered:
        return -1, -1
    return said.size, said.time


def _replace(path: Path, note: str) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
