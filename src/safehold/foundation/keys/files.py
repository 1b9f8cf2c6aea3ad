"""The key store's files: private, written whole and durably, changed by one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

__all__ = ["alone", "erase", "read", "write", "write_once"]


def read(path: Path) -> bytes | None:
    """The file's content, or None where there is no file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write(path: Path, content: bytes) -> None:
    """Put the content there as a whole: after a crash the file is the old one or the new one. Mode 0600."""
    with _draft(path, content) as fresh:
        fresh.replace(path)


def write_once(path: Path, content: bytes) -> bool:
    """The same unless there is a file already; whether it was written."""
    with _draft(path, content) as fresh, contextlib.suppress(FileExistsError):
        path.hardlink_to(fresh)
        return True
    return False


def erase(path: Path) -> None:
    """Overwrite the file's bytes where they lie. On flash or a copying file system an older copy may outlive this."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: among all threads and processes of this machine, one at a time."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """A durable file beside `path` for the caller to put in its place; then the folder is made durable too."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
