"""A task of the tests' own, registered like a room's, and connections of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from factories import make_tenant

TASK = "tests.nothing"


@pytest.fixture(scope="module")
def pair(installation):
    """Two tenants."""
    return make_tenant(), make_tenant()


@pytest.fixture
def owner(installation) -> Iterator[None]:
    """Within, Django speaks to the database as the role that releases change tables as."""
    from django.db import connections

    usual = connections["default"]
    ours = connections.create_connection("default")
    login = installation.login("owner")
    options = {name: value for name, value in ours.settings_dict["OPTIONS"].items() if name != "pool"}
    ours.settings_dict = {
        **ours.settings_dict,
        "USER": login.user,
        "PASSWORD": login.password,
        "PORT": str(login.port),
        "OPTIONS": options,
    }
    connections["default"] = ours
    try:
        yield
    finally:
        ours.close()
        connections["default"] = usual


@pytest.fixture
def raw(installation) -> Iterator[psycopg.Connection]:
    """A bare connection as the app role, as somebody has who got SQL past us."""
    from safehold.foundation.audit.statements import connect

    with connect("app") as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture
def queue(installation) -> Iterator[psycopg.Connection]:
    """A bare connection as the queue's login."""
    from safehold.foundation.jobs.login import connect

    with connect(installation) as connection:
        yield connection


@pytest.fixture
def task(superuser) -> Iterator[str]:
    """A task that every tenant may queue, with two ids."""
    superuser.execute("insert into safehold.job_task values (%s, %s)", [TASK, ["first", "second"]])
    yield TASK
    superuser.execute("delete from procrastinate_jobs where task_name = %s", [TASK])
    superuser.execute("delete from safehold.job_task where name = %s", [TASK])
