"""The suite's installation: a real home with a real PostgreSQL server, one for each worker process."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import django
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from safehold.kernel.installation import Installation
from safehold.operations.processes.settle import plant_canaries
from support import homes, needs, poolers

_HOME = pytest.StashKey[Installation]()
_trouble: list[str] = []

# A machine with other work to do is slow, and that is no fault of what is tested.
settings.register_profile("safehold", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("safehold")


def pytest_configure(config: pytest.Config) -> None:
    """Make the home and set Django up before tests are collected: they import models. The server starts on demand."""
    config.addinivalue_line("markers", "debian_postgres: needs Debian's PostgreSQL 15, which speaks TLS")
    config.addinivalue_line("markers", "database: uses the suite's database (added to whatever asks for the fixture)")
    if _only_distributes(config):
        return
    installation = homes.make_home()
    config.stash[_HOME] = installation
    os.environ["SAFEHOLD_HOME"] = str(installation.home)
    os.environ["SAFEHOLD_ROLE"] = "app"
    os.environ["DJANGO_SETTINGS_MODULE"] = "safehold.project.settings"
    try:
        django.setup()
    except Exception:  # noqa: BLE001  (what doesn't need Django can still be tested; the rest says why it can't)
        _trouble.append(traceback.format_exc())


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """All browser tests run in one worker, so that they share one installation; the others wherever there is room."""
    return _Together(config, log) if config.getoption("dist") == "load" else None


class _Together(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if (installation := config.stash.get(_HOME, None)) is not None:
        homes.remove_home(installation.home)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine can't run."""
    needs.leave_out(config, items)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """What a test set going in other threads ends with it, or the next test would count its events."""
    if "database" in item.keywords and (flows := sys.modules.get("safehold.foundation.identity.flows")):
        flows.wait_for_copies()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out."""
    needs.report(terminalreporter, config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be left out."""
    needs.fail_in_ci(session)


@pytest.fixture(scope="session")
def installation(pytestconfig: pytest.Config) -> Iterator[Installation]:
    """The session's installation, its database prepared, its canaries made; Django speaks to it as the app role."""
    from django.db import connections

    made = pytestconfig.stash[_HOME]
    if _trouble:
        pytest.fail("Django could not be set up:\n" + _trouble[0], pytrace=False)
    with homes.server_for(made), contextlib.ExitStack() as pooler:
        homes.prepare(made)
        if poolers.asked_for():
            pooler.enter_context(poolers.in_front_of(made))
        plant_canaries()
        yield made
        for connection in connections.all(initialized_only=True):
            connection.close()
            if close_pool := getattr(connection, "close_pool", None):
                close_pool()


@pytest.fixture
def superuser(installation: Installation) -> Iterator[psycopg.Connection]:
    """A superuser's connection to the installation's database, to break things with and look behind.

    It passes for a replica's, so that the guard of new tables lets it: test_guard.py tries that with others.
    """
    from safehold.operations.database.prepare import admin_conninfo

    name = installation.login("app").name
    with psycopg.connect(admin_conninfo(installation), dbname=name, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


def _only_distributes(config: pytest.Config) -> bool:
    """Whether this process hands tests to xdist's workers and runs none itself."""
    return bool(getattr(config.option, "numprocesses", None)) and not hasattr(config, "workerinput")
