"""Web, worker and sealer, as the supervisor starts them, end with one clear message where they may not serve."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from safehold.kernel.installation import Installation
from safehold.operations.installation import SUPERUSER_PASSWORD, load
from support.installations import Runner, eventually, home_for_up
from support.ports import free_port

pytestmark = pytest.mark.slow

PROCESSES = ("web", "worker", "sealer")
LOGINS = (
    ("web", "safehold_app"),
    ("worker", "safehold_app"),
    ("worker", "safehold_queue"),
    ("sealer", "safehold_sealer"),
)

# What is done to the login, how it is undone, and what the process has to say.
UNSAFE = {
    "superuser": ("alter role {0} superuser", "alter role {0} nosuperuser", "attribute SUPERUSER"),
    "bypassrls": ("alter role {0} bypassrls", "alter role {0} nobypassrls", "attribute BYPASSRLS"),
    "member of the owner": (
        "grant safehold_owner to {0}",
        "revoke safehold_owner from {0}",
        "a member of another role: {0} → safehold_owner",
    ),
    "member at one remove, without inheriting": (
        "create role between noinherit bypassrls; alter role {0} noinherit; grant between to {0}",
        "alter role {0} inherit; drop role between",
        "a member of another role: {0} → between",
    ),
    "owner of something": (
        "create table public.mine (a int); alter table public.mine owner to {0}",
        "drop table public.mine",
        "it owns 1 object(s)",
    ),
    "holder of truncate": (
        "grant truncate on tenancy_member to {0}",
        "revoke truncate on tenancy_member from {0}",
        "it holds TRUNCATE on tenancy_member",
    ),
}

# The real process, on a table of floors that this server falls below.
RAISED = """
import sys
from safehold.foundation.scope import server_floor
hole = server_floor.Hole("CVE-0000-0001", "a hole made for a test", dict.fromkeys(range(15, 30), 999))
server_floor.HOLES = (hole,)
from safehold.operations.processes.child import main
main(sys.argv[1])
"""


def start(installation: Installation, *command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the processes until it ends, as the supervisor would start it."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("SAFEHOLD_")}
    place = {"SAFEHOLD_HOME": str(installation.home), "SAFEHOLD_PORT": str(free_port()), "SAFEHOLD_HTTP_PORT": "0"}
    return subprocess.run(
        [sys.executable, "-P", *command], env=mine | place, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def broken(superuser: psycopg.Connection[Any], statements: str, repair: str) -> Iterator[None]:
    superuser.execute(statements.encode())
    try:
        yield
    finally:
        superuser.execute(repair.encode())


def message(line: str) -> str:
    """What a line of a log says."""
    return str(json.loads(line)["message"])


def refused(done: subprocess.CompletedProcess[str], installation: Installation) -> str:
    """The one line of a process that refused to start, which tells nothing secret."""
    said = [line for line in map(message, done.stderr.splitlines()) if line.startswith("error: ")]
    assert done.returncode == 1, done.stderr
    assert len(said) == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for secret in installation.secrets.glob("*.password"):
        assert secret.read_text().strip() not in done.stderr
    return said[0]


@pytest.mark.parametrize("how", UNSAFE)
@pytest.mark.parametrize(("process", "login"), LOGINS)
def test_no_process_serves_on_an_unsafe_login(installation, superuser, process, login, how):
    statements, repair, says = (text.format(login) for text in UNSAFE[how])
    with broken(superuser, statements, repair):
        said = refused(start(installation, "-m", "safehold.operations.processes", process), installation)
    assert f"the database login {login} isn't safe to serve with" in said
    assert says in said


@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_serves_on_a_server_below_the_floor(installation, process):
    settings = installation.home / "settings.toml"
    kept = settings.read_text()
    settings.write_text(kept.replace("allow_old_server = true", "allow_old_server = false"))
    try:
        said = refused(start(installation, "-c", RAISED, process), installation)
    finally:
        settings.write_text(kept)
    assert "has holes that nothing here holds off (CVE-0000-0001: a hole made for a test)" in said
    assert ".999 or newer" in said


def test_who_starts_it_is_told_and_a_process_that_fell_says_why():
    with home_for_up() as runner:
        assert runner.up().returncode == 0
        with as_administrator(runner) as administrator:
            administrator.execute("alter role safehold_app bypassrls")
            os.kill(runner.pid("worker"), 9)
            eventually(lambda: "attribute BYPASSRLS" in trouble(runner, "worker"))
            assert "attribute BYPASSRLS" in runner.safehold("status").stdout
            administrator.execute("alter role safehold_app nobypassrls")
            eventually(lambda: state(runner, "worker") == "running")
        assert runner.safehold("down").returncode == 0


def as_administrator(runner: Runner) -> psycopg.Connection[Any]:
    made = load(runner.home)
    login = made.login("owner")
    password = made.secret(SUPERUSER_PASSWORD).decode().strip()
    return psycopg.connect(host=login.host, dbname=login.name, user="postgres", password=password, autocommit=True)


def trouble(runner: Runner, name: str) -> str:
    return next(str(row["trouble"]) for row in runner.status()["processes"] if row["name"] == name)


def state(runner: Runner, name: str) -> str:
    return next(str(row["state"]) for row in runner.status()["processes"] if row["name"] == name)
