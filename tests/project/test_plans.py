"""Every list, report and search is answered from an index that leads to the scope's own rows.

What each selector is asked stands in tests/support/questions.py.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import psycopg
import pytest

import safehold
from factories import scope_of
from support import plans
from support.questions import CASES, LEFT_OUT, make_given

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture(scope="module")
def given(installation):
    return make_given()


@pytest.mark.parametrize(("room", "case"), [(room, case) for room, cases in CASES.items() for case in cases])
def test_a_selector_is_answered_from_its_own_rows(given, room, case):
    selectors = import_module(f"safehold.{room}.selectors")
    asked: list[str] = []
    for reach in (None, (0, 1)):  # everybody's departments, and two of them
        scope = scope_of(given.tenant, "owner", reach)
        found, statements = plans.faults(scope, lambda s: CASES[room][case](selectors, given, s))
        assert found == [], "\n".join(found)
        asked += statements
    assert asked, "it asked nothing"


@pytest.mark.parametrize("room", CASES)
def test_every_selector_is_in_the_table_or_says_why_not(room):
    selectors = import_module(f"safehold.{room}.selectors")
    functions = {name for name in selectors.__all__ if name[0].islower()}
    tried = {case.partition(":")[0] for case in CASES[room]}
    assert functions - tried - set(LEFT_OUT[room]) == set()
    assert (tried | set(LEFT_OUT[room])) - functions == set()


def test_every_room_with_selectors_is_in_the_table():
    """Those above the foundation and the workspace read the installation's own tables, which hold no tenant's rows."""
    root = Path(safehold.__file__).parent
    rooms = {path.parent for floor in ("foundation", "workspace") for path in (root / floor).glob("*/selectors*")}
    assert {".".join(room.relative_to(root).parts) for room in rooms} == set(CASES)


@pytest.fixture
def unled(installation):
    """A protected table that nobody gave an index."""
    login = installation.login("owner")
    where = {"host": login.host, "port": login.port, "dbname": login.name, "user": login.user}
    with psycopg.connect(**where, password=login.password, autocommit=True) as owner:
        with owner.transaction():
            owner.execute("create table unled (tenant_id uuid not null, name text)")
            owner.execute("select safehold.protect_table('unled')")
        yield
        owner.execute("drop table unled")


@pytest.mark.usefixtures("unled")
def test_what_reads_a_table_whole_is_found(given):
    from django.db import connection

    bare = "select name from unled where name = 'nobody'"
    found, _ = plans.faults(scope_of(given.tenant, "owner"), lambda _: connection.cursor().execute(bare))
    assert [fault.partition("\n")[0] for fault in found] == ["unled is read whole"]
