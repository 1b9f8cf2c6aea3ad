"""Connections and scratch rows for the tests of scopes."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from factories import make_tenant
from safehold.kernel.installation import Installation
from support.pools import pool_of


@pytest.fixture
def pool_of_one(installation: Installation) -> Iterator[None]:
    """This thread's database connection comes from a pool that has only one."""
    with pool_of(1, wait=2) as pool, pool.used():
        yield


@pytest.fixture
def raw(installation: Installation) -> Iterator[psycopg.Connection]:
    """A bare connection as the app role, as somebody has who got SQL past us."""
    from django.db import connections

    given = connections.settings["default"]
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
        autocommit=True,
        prepare_threshold=None,
    ) as connection:
        yield connection


@pytest.fixture(scope="module")
def pair(installation: Installation):
    """Two tenants with two departments each."""
    return make_tenant(departments=["Second"]), make_tenant(departments=["Second"])
