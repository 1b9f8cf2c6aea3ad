"""The newest checkpoint of each log, kept in a folder outside the database.

Who rolls the database back, cuts a log or writes it anew doesn't reach these files by the same way; the sealer refuses
to sign a head that does not grow out of the one that is anchored, and checks compare the two.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from safehold.kernel.auditevent import LOGS
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
    """Put each log's note in its file, whole or not at all, even when the machine dies meanwhile."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for log, note in notes.items():
        path = _path(folder, log)
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
