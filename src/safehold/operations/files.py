"""Writing small files so that a crash leaves the old one or the new one, never half of either."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

__all__ = ["make_once", "owner_of_home", "replace", "sync_folder"]


def replace(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file whole, durably, over any older one."""
    fresh = _written(path, content, mode)
    fresh.replace(path)
    sync_folder(path.parent)


def make_once(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Write a file durably unless there is one; never overwrite. False where there was one already."""
    if path.exists():
        return False
    fresh = _written(path, content, mode)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
    sync_folder(path.parent)
    return True


def _written(path: Path, content: bytes, mode: int) -> Path:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def sync_folder(folder: Path) -> None:
    """Make durable which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def owner_of_home(file: str | Path) -> tuple[int, int] | None:
    """For root: user and group of whom the home belongs to that holds this file among its logs; None for others."""
    if os.geteuid() != 0:
        return None
    try:
        about = (Path(file).parent.parent / "secrets").stat()
    except OSError:
        return None
    return about.st_uid, about.st_gid
