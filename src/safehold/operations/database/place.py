"""Where a home's database lies, and its socket.

Usually both are under `home/postgres`. Where root starts the installation and the server's account can't enter the home
(it lies under /root, say), `home/postgres` is a link to a private folder under /var/lib/safehold. A Unix socket's path
may have about 100 bytes; a deeper home has its socket in a short private folder named after a hash of the long one.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from safehold.operations.account import Account
from safehold.operations.database.programs import shared_folder
from safehold.operations.errors import DatabaseProblem

__all__ = ["PORT", "Place", "place_of", "prepare_place"]

PORT = 5432
"""Only a part of the socket's file name: nothing listens on TCP."""

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one database server. `folder` is the real one, behind any link."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        """The private folder that holds the socket."""
        usual = self.folder / "run"
        if len(os.fsencode(f"{usual}/.s.PGSQL.{PORT}.lock")) <= _LONGEST:
            return usual
        short = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path("/tmp") / f"safehold-{short}"  # noqa: S108  (checked to be private and ours before use)

    @property
    def is_new(self) -> bool:
        """Whether no database was made here yet."""
        return not (self.data / "PG_VERSION").exists()


def place_of(home: Path) -> Place:
    """Where this home's database is, or would be."""
    return Place((home / "postgres").resolve())


def prepare_place(home: Path, account: Account) -> Place:
    """Make the folders that are missing, private to `account`."""
    pointer = home / "postgres"
    if not pointer.exists() and not pointer.is_symlink():
        if account.is_current or account.may("x", home):
            account.make_private(pointer)
        else:
            _make_apart(pointer, account)
    elif not pointer.exists():
        raise DatabaseProblem(f"{pointer} points to {pointer.resolve()}, which is gone.")
    place = place_of(home)
    if not account.is_current and not account.may("x", place.folder):
        raise DatabaseProblem(
            f"The account {account.name} can't enter {place.folder}, where the database lies.",
            hint="Let it enter each folder above (chmod o+x), or move the home to a place that others may enter.",
        )
    account.make_private(place.sockets)
    return place


def _make_apart(pointer: Path, account: Account) -> None:
    """A folder under /var/lib/safehold, its name partly chance: a new home never meets the data of an old one."""
    shared = shared_folder()
    shared.mkdir(mode=0o755, parents=True, exist_ok=True)
    shared.chmod(0o755)
    name = hashlib.sha256(os.fsencode(pointer) + secrets.token_bytes(16)).hexdigest()[:16]
    pointer.symlink_to(account.make_private(shared / name))
