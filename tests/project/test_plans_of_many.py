"""A thousand tenants, one with a fifth of all rows: every selector reads what its tenant has, and a page reads a page.

The planner chooses by its own settings here, with the statistics that a running installation keeps, over the 400,000
rows of tests/support/crowd.sql. What test_plans.py finds on empty tables is what an index can do; this is what is done.
"""

from __future__ import annotations

from importlib import import_module

import psycopg
import pytest

from factories import scope_of
from support import plans
from support.crowds import PLACES, crowd
from support.questions import CASES

pytestmark = pytest.mark.slow

RECORDS = 100_000
PAGE = 51
REACHES = {"every department": None, "two departments": (0, 1)}

# What reads more than a few pages' worth, and how much, as a part of all rows that its tenant has in that table.
WHOLE = {
    "activity: holding a text": "a text in the target is looked for in every event of the tenant",
    "activity: of security": "security events are looked for among all of the tenant's, until there is a page of them",
    "members": "a list of all members, without pages",
    "members: searched": "the same, filtered here",
    "members: by status": "the same",
    "deciders": "the members who may decide, chosen by role",
    "counts": "a count of all that is there",
    "count": "counts up to 10,000",
    "known": "all stored files",
    **dict.fromkeys(
        ("tenant", "departments", "department", "scope_of_member"),
        "the policies of tenants and departments also ask who is a member of what, and meet the tenant's members",
    ),
    "records: searched": "all records that hold a word, for each word",
    "records: beginning": "all that begin so, sorted by id",
    "records: pointing to none": "all links of the field",
    "records_in_chunks": "everything, a page at a time",
}


@pytest.fixture(scope="module")
def given(installation):
    from safehold.operations.database.prepare import admin_conninfo

    name = installation.login("app").name
    with (
        psycopg.connect(admin_conninfo(installation), dbname=name, autocommit=True) as superuser,
        crowd(superuser, RECORDS) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def sizes(given):
    """How many rows each of the tenants has in all, in its largest table."""
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records.models import Record

    found = {}
    for place, one in given.items():
        with scoped(scope_of(one.tenant, "owner")):
            found[place] = Record.objects.filter(tenant_id=one.tenant.id).count()
    return found


def asked(given, place, reach, room, case):
    selectors = import_module(f"safehold.{room}.selectors")
    scope = scope_of(given[place].tenant, "owner", REACHES[reach])
    return plans.reads(scope, lambda s: CASES[room][case](selectors, given[place], s))


# Sorting by a sealed field is refused in a list as long as the giant's.
CHOSEN = [(room, case) for room, cases in CASES.items() for case in cases if case != "records: by a sealed field"]


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("chosen", CHOSEN, ids=": ".join)
def test_a_selector_reads_its_own_rows_and_few_of_them(given, sizes, place, reach, chosen):
    room, case = chosen
    for read in asked(given, place, reach, room, case):
        assert read.wrong == (), read
        most = 2 * sizes[place] + 200 if case in WHOLE else 10 * PAGE
        assert read.rows <= most, read
        assert read.buffers <= 4 * most + 100, read
