"""Homes for tests: short-lived folders with an installation's files and, where asked for, a running server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from safehold.kernel.installation import Installation
from safehold.operations.account import service_account
from safehold.operations.database.place import prepare_place
from safehold.operations.database.programs import find_programs
from safehold.operations.database.server import Server
from safehold.operations.installation import SUPERUSER_PASSWORD, create

_PREFIX = "safehold-test-"


def make_home(**settings: object) -> Installation:
    """An installation's files in a new folder that the server's account may enter (pytest's own folders it may not)."""
    _remove_abandoned()
    home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    if programs := os.environ.get("SAFEHOLD_TEST_POSTGRES"):
        settings |= {"postgres_bin": programs, "allow_old_server": True}  # a distribution's server may be behind
    return create(
        home, {"environment": "test", "id": home.name.replace("_", "-"), "password_hash": "argon2"} | settings
    )


def remove_home(home: Path) -> None:
    """Remove a home and the folder its database may have been given apart from it."""
    database = home / "postgres"
    if database.is_symlink():
        shutil.rmtree(database.resolve(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def server_for(installation: Installation) -> Server:
    """The home's database server, made but not started."""
    account = service_account(installation.home)
    place = prepare_place(installation.home, account)
    programs = find_programs(installation.postgres_bin, account)
    server = Server(place, programs, account, installation.logs / "database.log")
    server.create(installation.secret(SUPERUSER_PASSWORD).decode())
    return server


def prepare(installation: Installation) -> None:
    """Roles, database and tables: everything up to date, by the very process that `safehold up` runs."""
    environment = os.environ | {"SAFEHOLD_HOME": str(installation.home)}
    command = [sys.executable, "-P", "-m", "safehold.operations.processes", "prepare"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the database could not be prepared:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")


def _remove_abandoned() -> None:
    """Homes of test runs that were killed before they could tidy up."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = home.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            remove_home(home)
