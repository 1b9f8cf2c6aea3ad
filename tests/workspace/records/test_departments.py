"""Departments: a record of another one isn't there, by code or by the database."""

from __future__ import annotations

import pytest

from safehold.kernel.errors import NotFound
from safehold.workspace.records.errors import InvalidRecord


@pytest.fixture
def both(people):
    people.ids = {
        "sales": people.add({"number": "1", "name": "Sally", "address": "Ash Lane 1"}, department=1).id,
        "workshop": people.add({"number": "2", "name": "Wim", "address": "Ash Lane 2", "boss": "1"}, department=2).id,
    }
    return people


def test_lists_and_searches_stay_in_the_department(both):
    assert both.names("manager", (1,)) == ["Sally"]
    assert both.names("manager", (2,)) == ["Wim"]
    assert both.names("manager", (1, 2)) == both.names("owner") == ["Sally", "Wim"]
    assert both.names("hr", (1,), q="ash") == ["Sally"]
    assert both.names("hr", (1,), number="2") == []
    assert both.names("hr", (), q="ash") == []


def test_another_departments_record_is_not_there(both):
    with pytest.raises(NotFound):
        both.read(both.ids["workshop"], "manager", (1,))


def test_what_a_reference_points_to_in_another_department_has_no_name(both):
    record = both.read(both.ids["workshop"], "manager", (2,))
    link = record.links["boss"]
    assert (link.id, link.code, link.title) == (both.ids["sales"], "", "")


def test_nobody_creates_or_moves_beyond_their_departments(both):
    from safehold.workspace.records import flows

    with both.acting("manager", (1,)) as scope:
        for department in (0, 2, 9):
            with pytest.raises(InvalidRecord) as refused:
                values = {"number": "9", "name": "New"}
                flows.create_record(scope=scope, collection="people", values=values, department=department)
            assert refused.value.problems[0].place == "department"
        with pytest.raises(InvalidRecord):
            flows.move_record(scope=scope, collection="people", record_id=both.ids["sales"], version=1, department=2)


def test_a_moved_record_is_found_where_it_is_now(both):
    from safehold.workspace.records import flows

    both.edit(both.read(both.ids["sales"]), city="Ghent")
    with both.acting() as scope:
        moved = flows.move_record(
            scope=scope, collection="people", record_id=both.ids["sales"], version=2, department=2
        )
    assert (moved.department, moved.version) == (2, 3)
    assert both.names("hr", (1,)) == both.names("hr", (1,), q="sally") == both.names("hr", (1,), q="ash") == []
    assert both.names("hr", (2,), q="ash") == ["Sally", "Wim"]
    assert both.names("hr", (2,), number="1") == ["Sally"]
    assert both.names("hr", (2,), boss="1") == ["Wim"]
    with both.acting("hr", (2,)) as scope:
        from safehold.workspace.records import selectors

        assert len(selectors.history(scope, "people", both.ids["sales"])) == 3
    (event,) = both.events("record.moved")
    assert event["fields"] == {"collection": "people", "department": 2, "version": 3}


def test_a_value_is_unique_in_the_whole_tenant(both):
    from safehold.workspace.records import flows

    with both.acting("manager", (1,)) as scope, pytest.raises(InvalidRecord):
        flows.create_record(scope=scope, collection="people", values={"number": "2", "name": "X"}, department=1)


@pytest.mark.parametrize("table", ["Record", "Version", "Word", "Unique", "Reference"])
def test_the_database_gives_out_no_row_of_another_department(both, table):
    from safehold.workspace.records import models

    both.edit(both.read(both.ids["sales"]), city="Ghent", boss="1")
    rows = getattr(models, table).objects
    with both.acting("manager", (1,)):
        assert set(rows.values_list("department", flat=True)) == {1}
    with both.acting("manager", (0,)):
        assert not rows.exists()
