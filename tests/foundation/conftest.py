"""What the tests of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from safehold.kernel.installation import Installation


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
