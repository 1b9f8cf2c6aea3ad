"""Where sealed files lie: whole files by path, in any store that obstore speaks to. This room alone knows of it.

A path is `<tenant>/<object>`, both ids; nothing that anybody typed is ever part of one. `put` returns when the file
lies there whole and durable; until then nothing lies under its path.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from safehold.foundation.objects.conf import PART, PIECE
from safehold.foundation.objects.errors import FileLost, StoreFull, StoreMismatch, StoreUnusable
from safehold.foundation.objects.marker import MARKER, marker_for, marker_of_folder, refuse_other_store

__all__ = ["FolderStore", "Store", "StoredFile", "claim", "path_of"]

log = logging.getLogger(__name__)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The disk, or what may be used of it, is full."""


_HEADS, _HEAD = "heads", ".checkpoint"
"""Where signed heads of the log lie. They are no secret, and stand for themselves."""


def path_of(tenant_id: UUID, object_id: UUID) -> str:
    """Where an object lies: under its tenant's prefix, by its id."""
    return f"{tenant_id}/{object_id}"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it lies under a prefix. One that isn't whole yet has `#` and a number behind its name."""

    name: str
    size: int
    modified: datetime

    @property
    def object_id(self) -> UUID | None:
        """The object that the file is of; None where the name is no id."""
        with suppress(ValueError):
            found = UUID(self.name.partition("#")[0])
            return found if self.name.startswith(str(found)) else None
        return None

    @property
    def is_whole(self) -> bool:
        """Whether it is a file that was put there whole."""
        return "#" not in self.name


class Store:
    """Files in a store that obstore speaks to. `is_elsewhere` tells whether it is out of this machine's own reach."""

    is_elsewhere = True

    def __init__(self, inner: ObjectStore) -> None:
        self._inner = inner

    def put(self, path: str, pieces: Iterable[bytes]) -> None:
        """Store a file whole. Whatever goes wrong, `pieces` included, leaves nothing under the path."""
        with _plainly():
            writer = obstore.open_writer(self._inner, path, buffer_size=PART, max_concurrency=2)
        try:
            for piece in pieces:
                with _plainly():
                    writer.write(piece)
            with _plainly():
                writer.close()
        except BaseException:
            del writer  # gives up what was under way
            with suppress(StoreUnusable):
                self.remove(path)
            raise

    def size(self, path: str) -> int:
        """How many bytes lie there; `FileLost` if there is no such file."""
        with _plainly():
            return obstore.head(self._inner, path)["size"]

    def read(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, in pieces. The file is found at once, and read piece by piece."""
        with _plainly():
            found = obstore.get(self._inner, path, options={"range": (start, stop)})
            stream = iter(found.stream(min_chunk_size=PIECE))
        return _taken(stream)

    def remove(self, path: str) -> None:
        """Remove a file, and what an upload to it has left; nothing if there is none."""
        with _plainly(), suppress(FileNotFoundError):
            obstore.delete(self._inner, path)

    def prefixes(self) -> list[str]:
        """What stands first in the paths of all files: those of tenants, and what shouldn't be there."""
        with _plainly():
            found = sorted(str(name) for name in obstore.list_with_delimiter(self._inner)["common_prefixes"])
        return [name for name in found if name != _HEADS]

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """The files under a prefix, in no order."""
        with _plainly():
            for batch in obstore.list(self._inner, f"{prefix}/"):
                for found in batch:
                    name = found["path"].removeprefix(f"{prefix}/")
                    yield StoredFile(name, found["size"], found["last_modified"])

    def heads(self) -> list[str]:
        """The names of the heads of the log of logs that are kept here, beside the files."""
        found = (file.name for file in self.files(_HEADS) if file.is_whole)
        return [name.removesuffix(_HEAD) for name in found if name.endswith(_HEAD)]

    def put_head(self, name: str, note: bytes) -> None:
        """Keep a signed head under a name."""
        self.put(f"{_HEADS}/{name}{_HEAD}", [note])

    def read_head(self, name: str) -> bytes:
        """A head that is kept here, as it was put."""
        path = f"{_HEADS}/{name}{_HEAD}"
        return b"".join(self.read(path, 0, self.size(path)))

    def marker(self) -> bytes | None:
        """The file that says whose store this is."""
        with _plainly(), suppress(FileNotFoundError):
            return bytes(obstore.get(self._inner, MARKER).bytes())
        return None

    def mark(self, content: bytes) -> None:
        """Write that file."""
        self.put(MARKER, [content])


class FolderStore(Store):
    """A folder of this machine, for its owner alone. What was put there outlives a crash of the machine."""

    is_elsewhere = False

    def __init__(self, folder: Path, owner: tuple[int, int] | None = None) -> None:
        self._folder = folder
        self._owner = owner if os.geteuid() == 0 else None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._give(folder, 0o700)
        except OSError:
            raise StoreUnusable(
                f"The folder of stored files, {folder}, can't be made or used.",
                hint="Make it for the account that Safehold runs as, or name another: objects_folder in settings.toml.",
            ) from None
        super().__init__(LocalStore(folder))

    def put(self, path: str, pieces: Iterable[bytes]) -> None:
        """Store a file, readable for its owner alone, and wait until it lies on the disk."""
        target = self._folder / path
        with _plainly():
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                self._give(target.parent, 0o700)
                _sync(self._folder)
        super().put(path, pieces)
        try:
            with _plainly():
                self._give(target, 0o600)
                _sync(target)
                _sync(target.parent)
        except BaseException:
            with suppress(StoreUnusable):
                self.remove(path)
            raise

    def remove(self, path: str) -> None:
        """Remove a file, and what an upload to it that was cut off has left."""
        target = self._folder / path
        with _plainly():
            for found in (target, *target.parent.glob(f"{target.name}#*")):
                found.unlink(missing_ok=True)

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """The files under a prefix, those that aren't whole among them."""
        with _plainly(), suppress(FileNotFoundError), os.scandir(self._folder / prefix) as found:
            for entry in found:
                with suppress(FileNotFoundError):
                    about = entry.stat(follow_symlinks=False)
                    yield StoredFile(entry.name, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))

    def marker(self) -> bytes | None:
        """Read without obstore, whose threads wouldn't outlive a fork: processes ask for this before they fork."""
        return marker_of_folder(self._folder)

    def _give(self, path: Path, mode: int) -> None:
        """Root, at a command line, makes files for the account that serves."""
        path.chmod(mode)
        if self._owner is not None:
            os.chown(path, *self._owner)


def claim(store: Store, environment: str) -> None:
    """Mark a new store as the environment's; `StoreMismatch` if it is another's, or has files and doesn't say whose."""
    if store.marker() is None:
        if store.prefixes():
            raise StoreMismatch(
                "Files are stored there already, but it doesn't say which environment they belong to.",
                hint="Name another folder in the settings, or bring its environment.json back from a backup.",
            )
        store.mark(marker_for(environment))
    refuse_other_store(store.marker(), environment)


def _taken(stream: Iterator[object]) -> Iterator[bytes]:
    while True:
        with _plainly():
            piece = next(stream, None)
        if piece is None:
            return
        yield bytes(piece)  # type: ignore[call-overload]  # a buffer of obstore's


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn what a store says into words for people; the log keeps what it said."""
    try:
        yield
    except FileNotFoundError:
        raise FileLost from None
    except (BaseError, OSError) as error:
        said = str(error)
        log.warning("the object store failed: %s", said.partition("\n")[0])
        number = re.search(r"os error (\d+)", said)
        if (int(number[1]) if number else getattr(error, "errno", None)) in _FULL:
            raise StoreFull(hint="Make room there, then try again.") from None
        raise StoreUnusable from None
