"""The operating system's account that the database server, and where possible everything else, runs as.

An ordinary user runs everything as themselves. PostgreSQL refuses to run as root, and nothing else should, so an
installation started by root uses the owner of its home where that isn't root, else the system user `safehold`, which is
made when missing, else another account without rights.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from safehold.operations.errors import StartProblem

__all__ = ["SERVICE_USER", "Account", "current_account", "service_account"]

SERVICE_USER = "safehold"
_OTHERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        """Whether this process already runs as this account."""
        return self.uid == os.geteuid()

    def own(self, path: Path) -> None:
        """Give a file or folder to this account (only root can, and only root needs to)."""
        if os.geteuid() == 0 and path.lstat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def own_all(self, folder: Path) -> None:
        """Give a folder and all that lies in it to this account."""
        if os.geteuid() != 0:
            return
        for path in (folder, *folder.rglob("*")):
            self.own(path)

    def make_private(self, folder: Path) -> Path:
        """Make a folder (0700) that belongs to this account; refuse a link, or one that belongs to somebody else."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self.uid, os.geteuid()}:
            raise StartProblem(
                f"{folder} belongs to user number {found.st_uid}, not to {self.name}.",
                hint="Remove it, or give it to that account.",
            )
        folder.chmod(0o700)
        self.own(folder)
        return folder

    def may(self, what: str, path: Path) -> bool:
        """Whether this account may reach `path`; `what` is "r", "w" or "x" as the program test knows it."""
        test = shutil.which("test", path="/usr/bin:/bin") or "test"
        return self.runs([test, f"-{what}", str(path)])

    def runs(self, command: list[str]) -> bool:
        """Whether a harmless command succeeds as this account."""
        user = None if self.is_current else self.uid
        group = None if self.is_current else self.gid
        try:
            done = subprocess.run(
                command,
                user=user,
                group=group,
                extra_groups=None if self.is_current else [],
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0


def current_account() -> Account:
    """The account that this process runs as."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Account(name, uid, os.getegid())


def service_account(home: Path) -> Account:
    """The account that the database server of this home runs as: never root."""
    current = current_account()
    if current.uid != 0:
        return current
    if home.exists() and (owner := home.stat().st_uid) != 0:
        return _by_uid(owner, home)
    return _named(SERVICE_USER) or _made() or _other()


def _by_uid(uid: int, home: Path) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, home.stat().st_gid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None


def _made() -> Account | None:
    """Make the system user; None where that can't be done here (no useradd, a read-only /etc)."""
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None or sys.platform != "linux":
        return None
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command = [useradd, *options, "--shell", "/usr/sbin/nologin", SERVICE_USER]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    return _named(SERVICE_USER)


def _other() -> Account:
    for name in _OTHERS:
        if account := _named(name):
            return account
    raise StartProblem(
        "PostgreSQL doesn't run as root, and there is no other account to run it as.",
        hint=f"Make one: useradd --system {SERVICE_USER}",
    )
