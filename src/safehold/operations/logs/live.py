"""The live log files: each process appends to its own, and what is sealed elsewhere is blotted out at the beginning.

A file that others append to can't be cut without losing what they write at that moment. So nothing is ever cut: the
bytes that are done with are overwritten with zeros, and given back to the disk where the file system can. What is left
begins at the first byte that isn't zero, whoever looks and whenever they were interrupted.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safehold.operations.logs.conf import LARGEST_LIVE, SEGMENT, TORN_AFTER

__all__ = [
    "Span",
    "Stretch",
    "blot",
    "drop_too_much",
    "live_logs",
    "out_of_reach",
    "process_of",
    "start_afresh",
    "waiting",
]

_PIECE = 256 * 1024
_KEEP_SIZE_AND_PUNCH = 0x01 | 0x02


@dataclass(frozen=True, slots=True)
class Span:
    """Which bytes of which file: `start` to `stop` of the file `name` that is `inode`; `digest` knows them again."""

    name: str
    inode: int
    start: int
    stop: int
    digest: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines at the beginning of a live file that wait to be sealed."""

    name: str
    inode: int
    start: int
    content: bytes = field(repr=False)

    def noted(self) -> dict[str, Any]:
        """The span, to be written down."""
        stop = self.start + len(self.content)
        return asdict(Span(self.name, self.inode, self.start, stop, hashlib.sha256(self.content).hexdigest()))


def live_logs(folder: Path) -> list[Path]:
    """Every file in the folder of logs that this process can gather, those put aside by an older release among them."""
    return [path for path in _files(folder) if os.access(path, os.R_OK | os.W_OK)]


def out_of_reach(folder: Path) -> list[str]:
    """The files in the folder of logs that belong to somebody else, so that nothing gathers them."""
    return [path.name for path in _files(folder) if not os.access(path, os.R_OK | os.W_OK)]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def process_of(name: str) -> str:
    """Which process writes to the file of this name."""
    return name.partition(".")[0]


def waiting(path: Path, *, most: int = SEGMENT) -> Stretch | None:
    """The first whole lines that wait in a file, up to `most` bytes; None where there are none."""
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        start = _beginning(file.fileno(), about.st_size)
        file.seek(start)
        content = file.read(most)
    if not content:
        return None
    stop = content.rfind(b"\n") + 1
    if not stop and (len(content) == most or time.time() - about.st_mtime > TORN_AFTER):
        stop = len(content)
    return Stretch(path.name, about.st_ino, start, content[:stop]) if stop else None


def blot(folder: Path, span: Span) -> bool:
    """Overwrite what is sealed. Whether it was there: not where the file is another, or was blotted already."""
    try:
        descriptor = os.open(folder / span.name, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        if os.fstat(descriptor).st_ino != span.inode:
            return False
        there = hashlib.sha256(b"".join(_pieces(descriptor, span.start, span.stop))).hexdigest()
        # Of a blotting that was interrupted, the beginning is zeros: nothing else writes zeros there.
        if there != span.digest and os.pread(descriptor, 1, span.start) != b"\0":
            return False
        _zero(descriptor, span.start, span.stop)
        return True
    finally:
        os.close(descriptor)


def drop_too_much(folder: Path, largest: int = LARGEST_LIVE) -> list[str]:
    """Where nothing gathers, keep files from filling the disk: blot out their older half. Their names."""
    dropped = []
    for path in live_logs(folder):
        if path.stat().st_blocks * 512 <= largest:
            continue
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            size = os.fstat(descriptor).st_size
            _zero(descriptor, _beginning(descriptor, size), _line_end(descriptor, size - largest // 2, size))
        finally:
            os.close(descriptor)
        dropped.append(path.name)
    return dropped


def start_afresh(folder: Path, *, but: tuple[str, ...] = ("commands.log",)) -> None:
    """Give files of which all is sealed their small size again. Only while nobody writes: before anything is started.

    Commands may run at any time, so theirs is left alone. What an older release had put aside is removed.
    """
    for path in live_logs(folder):
        if path.name in but or waiting(path) is not None:
            continue
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            done = _beginning(file.fileno(), size) == size
        if done and path.suffix == ".log":
            os.truncate(path, 0)
        elif done:
            path.unlink()


def _beginning(descriptor: int, size: int) -> int:
    """The place of the first byte that isn't blotted out."""
    at = 0
    if hasattr(os, "SEEK_DATA"):
        try:
            at = os.lseek(descriptor, 0, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                return size
    for piece in _pieces(descriptor, at, size):
        if rest := piece.lstrip(b"\0"):
            return at + len(piece) - len(rest)
        at += len(piece)
    return at


def _pieces(descriptor: int, start: int, stop: int) -> Iterator[bytes]:
    while start < stop and (piece := os.pread(descriptor, min(_PIECE, stop - start), start)):
        yield piece
        start += len(piece)


def _zero(descriptor: int, start: int, stop: int) -> None:
    at = start
    while at < stop:
        at += os.pwrite(descriptor, bytes(min(_PIECE, stop - at)), at)
    os.fsync(descriptor)
    _give_back(descriptor, stop)


def _give_back(descriptor: int, stop: int) -> None:
    """Give the disk its room back, where the file system can; else the zeros stay and nothing else changes."""
    if sys.platform == "linux":
        call = ctypes.CDLL(None, use_errno=True).fallocate
        call.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
        call(descriptor, _KEEP_SIZE_AND_PUNCH, 0, stop)


def _line_end(descriptor: int, at: int, size: int) -> int:
    """The end of the line that lies across a place."""
    for piece in _pieces(descriptor, at, size):
        if (found := piece.find(b"\n")) >= 0:
            return at + found + 1
        at += len(piece)
    return size
