"""Connections and scratch rows for the tests of scopes."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from factories import make_tenant
from safehold.kernel.installation import Installation


@pytest.fixture
def pool_of_one(installation: Installation) -> Iterator[None]:
    """This thread's database connection comes from a pool that has only one."""
    from django.db import connections

    usual = connections["default"]
    alone = connections.create_connection("default")
    options = {**alone.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 2}}
    alone.settings_dict = {**alone.settings_dict, "OPTIONS": options}
    alone.alias = "pool-of-one"
    alone._connection_pools = {}
    connections["default"] = alone
    yield
    alone.close()
    alone.close_pool()
    connections["default"] = usual


@pytest.fixture
def raw(installation: Installation) -> Iterator[psycopg.Connection]:
    """A bare connection as the app role, as somebody has who got SQL past us."""
    login = installation.login("app")
    with psycopg.connect(
        host=login.host, port=login.port, dbname=login.name, user=login.user, password=login.password, autocommit=True
    ) as connection:
        yield connection


@pytest.fixture(scope="module")
def pair(installation: Installation):
    """Two tenants with two departments each."""
    return make_tenant(departments=["Second"]), make_tenant(departments=["Second"])
