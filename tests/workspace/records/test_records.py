"""Records are made, changed, deleted and restored; each version stays, each act leaves its event."""

from __future__ import annotations

import threading

import pytest

from safehold.foundation.scope.clock import new_id
from safehold.kernel.errors import Denied, NotFound
from safehold.workspace.records.errors import InvalidRecord, RecordChanged, StillReferred


def problems(refused) -> dict[str, str]:
    return {problem.place: problem.expected for problem in refused.value.problems}


def test_a_record_comes_back_as_it_went_in(people, ada):
    record = people.read(ada.id)
    assert dict(record.values) == {
        "number": "1",
        "name": "Ada Holm",
        "city": "Ghent",
        "since": "2020-01-31",
        "rank": "senior",
        "pay": "5200.00",
        "email": "ada.holm@shop.example",
        "phone": "+45 12 34 56 78",
        "address": "Quay Street 7, Ghent",
        "born": "1980-05-01",
        "illness": "hay fever",
    }
    assert (record.version, record.department, record.title) == (1, 0, "Ada Holm")
    assert record.created_by == record.updated_by


def test_a_reference_shows_the_code_and_the_title_of_its_target(people, ada, bram):
    record = people.read(bram.id)
    assert record.values["boss"] == "1"
    link = record.links["boss"]
    assert (link.id, link.collection, link.code, link.title) == (ada.id, "people", "1", "Ada Holm")


@pytest.mark.parametrize(
    ("values", "place", "expected"),
    [
        ({"number": "1x", "name": "A"}, "number", "a number such as"),
        ({"name": "A"}, "number", "something in Number"),
        ({"number": "7", "name": "  "}, "name", "something in Name"),
        ({"number": "7", "name": "A", "since": "31.1.2020"}, "since", "a date such as 1948-12-08"),
        ({"number": "7", "name": "A", "rank": "chief"}, "rank", "one of junior, senior"),
        ({"number": "7", "name": "A", "email": "nobody"}, "email", "an e-mail address"),
        ({"number": "7", "name": "A\0"}, "name", "without control characters"),
        ({"number": "7", "name": "A", "boss": "99"}, "boss", "the code of a record that exists"),
        ({"number": "7", "name": "A", "shoe": "42"}, "shoe", "one of the fields number, name"),
        ({"number": "1.0", "name": "A"}, "number", "a value that no other record has"),
        ({"number": "7", "name": "A", "email": "ADA.holm@shop.example"}, "email", "a value that no other record has"),
    ],
)
def test_what_cannot_be_taken_is_named_at_its_field(people, ada, values, place, expected):
    with pytest.raises(InvalidRecord) as refused:
        people.add(values)
    assert expected in problems(refused)[place]
    assert people.names() == ["Ada Holm"]


def test_a_record_holds_something(make_people):
    from safehold.workspace.records import flows
    from safehold.workspace.records.shape import FieldSpec

    people = make_people()
    with people.acting() as scope:
        flows.create_collection(scope=scope, key="notes", fields=[FieldSpec("note")])
        with pytest.raises(InvalidRecord):
            flows.create_record(scope=scope, collection="notes", values={"note": " "})


def test_a_refused_value_of_a_sealed_field_is_not_repeated(people):
    with pytest.raises(InvalidRecord) as refused:
        people.add({"number": "7", "name": "A", "born": "sometime in May"})
    assert "May" not in str(refused.value.problems)


def test_an_edit_changes_what_it_names_and_nothing_else(people, ada):
    edited = people.edit(ada, city="Antwerp", phone="+45 87 65 43 21")
    assert edited.version == 2
    assert dict(edited.values) == dict(ada.values) | {"city": "Antwerp", "phone": "+45 87 65 43 21"}


def test_an_edit_can_empty_a_field(people, ada):
    edited = people.edit(ada, city=None, illness="", since=None)
    assert {"city", "illness", "since"}.isdisjoint(edited.values)
    assert people.names(since__empty="yes") == ["Ada Holm"]


def test_an_edit_that_changes_nothing_makes_no_version(people, ada):
    assert people.edit(ada, city="Ghent").version == 1
    assert people.events("record.edited") == []


def test_the_second_of_two_editors_is_told(people, ada):
    people.edit(ada, city="Antwerp")
    with pytest.raises(RecordChanged) as refused:
        people.edit(ada, city="Bruges")
    assert (refused.value.given, refused.value.current) == (1, 2)
    assert people.read(ada.id).values["city"] == "Antwerp"


def test_of_two_editors_at_once_one_wins(people, ada):
    outcomes: list[str] = []

    def edit(city: str) -> None:
        from django.db import connections

        try:
            people.edit(ada, city=city)
            outcomes.append("stored")
        except RecordChanged:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=edit, args=(city,)) for city in ("Antwerp", "Bruges")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stored", "told"]


def test_an_edit_moves_the_record_in_every_index(people, ada, bram):
    people.edit(ada, number="10", name="Adelheid Holm", email="new@shop.example", address="Mill Row 3", boss="2")
    assert people.names(q="adelheid") == ["Adelheid Holm"]
    assert people.names(q="ada") == []
    assert people.names(q="quay") == []
    assert people.names(q="mill") == ["Adelheid Holm"]
    assert people.names(number="10") == ["Adelheid Holm"]
    assert people.names(number="1") == []
    assert people.names(email="new@shop.example") == ["Adelheid Holm"]
    assert people.names(boss="2") == ["Adelheid Holm"]
    assert people.names(boss="10") == ["Bram Ørsted"]
    people.add({"number": "1", "name": "Cleo"})


def test_an_edit_may_not_take_another_ones_value(people, ada, bram):
    with pytest.raises(InvalidRecord) as refused:
        people.edit(bram, number="1", city="Lund")
    assert problems(refused) == {"number": "a value that no other record has, since Number is unique"}
    assert people.read(bram.id).values["city"] == "Malmö"
    assert people.names(number="2") == ["Bram Ørsted"]


def test_history_has_every_version(people, ada):
    second = people.edit(ada, city="Antwerp", born="1980-05-02")
    people.edit(second, name="Ada Lund")
    third, second_change, first = people.history(ada.id)
    assert [change.version for change in (third, second_change, first)] == [3, 2, 1]
    assert [change.action for change in (third, second_change, first)] == ["edited", "edited", "created"]
    assert second_change.changed == ("city", "born")
    assert (second_change.before["born"], second_change.values["born"]) == ("1980-05-01", "1980-05-02")
    assert first.values["name"] == "Ada Holm"
    assert third.values["name"] == "Ada Lund"


def test_a_deleted_record_is_in_the_trash_and_comes_back(people, ada):
    from safehold.workspace.records import flows, selectors
    from safehold.workspace.records.filters import Query

    with people.acting() as scope:
        flows.delete_record(scope=scope, collection="people", record_id=ada.id, version=1)
        assert selectors.count(scope, "people").number == 0
        assert [each.id for each in selectors.records(scope, "people", Query(deleted=True)).records] == [ada.id]
        with pytest.raises(NotFound):
            selectors.record(scope, "people", ada.id)
        assert selectors.record(scope, "people", ada.id, deleted=True).deleted_at
    assert people.names(q="ada") == []
    with people.acting() as scope:
        restored = flows.restore_record(scope=scope, collection="people", record_id=ada.id)
    assert dict(restored.values) == dict(ada.values)
    assert people.names(q="ada") == people.names(email="ada.holm@shop.example") == ["Ada Holm"]
    assert [change.action for change in people.history(ada.id)] == ["restored", "deleted", "created"]


def test_a_deleted_record_leaves_its_unique_values_free(people, ada):
    from safehold.workspace.records import flows

    with people.acting() as scope:
        flows.delete_record(scope=scope, collection="people", record_id=ada.id)
    people.add({"number": "1", "name": "Another"})
    with people.acting() as scope, pytest.raises(InvalidRecord) as refused:
        flows.restore_record(scope=scope, collection="people", record_id=ada.id)
    assert "number" in problems(refused)
    assert people.names() == ["Another"]


def test_what_others_refer_to_stays(people, ada, bram):
    from safehold.workspace.records import flows

    with people.acting() as scope, pytest.raises(StillReferred) as refused:
        flows.delete_record(scope=scope, collection="people", record_id=ada.id)
    assert "1 of People by Boss" in refused.value.hint
    with people.acting() as scope:
        flows.delete_record(scope=scope, collection="people", record_id=bram.id)
        flows.delete_record(scope=scope, collection="people", record_id=ada.id)


def test_who_may_do_what(people, ada):
    with pytest.raises(Denied):
        people.add({"number": "5", "name": "E"}, role="viewer")
    with pytest.raises(Denied):
        people.edit(ada, role="employee", city="x")
    made = people.add({"number": "5", "name": "E"}, role="employee")
    assert dict(made.values) == {"number": "5", "name": "E"}


def test_nobody_writes_what_they_cannot_read(people, ada):
    with pytest.raises(InvalidRecord) as refused:
        people.edit(ada, role="manager", illness="none")
    assert "illness" not in problems(refused)["illness"].partition("fields")[2]
    edited = people.edit(ada, role="manager", city="Antwerp", pay="6000")
    assert dict(edited.values) == {
        "number": "1",
        "name": "Ada Holm",
        "city": "Antwerp",
        "since": "2020-01-31",
        "rank": "senior",
        "pay": "6000",
    }
    assert people.read(ada.id).values["illness"] == "hay fever"


def test_another_tenant_has_nothing_of_it(make_people, people, ada):
    other = make_people()
    assert other.names() == other.names(q="ada") == []
    for record_id in (ada.id, new_id()):
        with pytest.raises(NotFound) as refused:
            other.read(record_id)
        assert refused.value.message == "There is no such record."


def test_each_act_leaves_its_event_without_any_value(people, ada):
    from safehold.workspace.records import flows

    edited = people.edit(ada, city="Antwerp", illness="none")
    with people.acting() as scope:
        flows.delete_record(scope=scope, collection="people", record_id=ada.id)
        flows.restore_record(scope=scope, collection="people", record_id=ada.id)
    events = people.events(on=f"record:{ada.id}")
    assert [event["type"] for event in events] == [
        "record.created",
        "record.edited",
        "record.deleted",
        "record.restored",
    ]
    assert events[1]["fields"] == {"collection": "people", "fields": "city, illness", "version": edited.version}
    assert not any(value in str(events) for value in ("Ada", "Antwerp", "Ghent", "none", "5200"))


def test_a_flow_that_fails_leaves_neither_rows_nor_an_event(people, ada):
    with pytest.raises(InvalidRecord):
        people.add({"number": "1", "name": "Twin"})
    assert len(people.events("record.created")) == 1
    assert people.names(q="twin") == []


def test_sealed_values_lie_sealed(people, ada, installation):
    from safehold.workspace.records.models import Record

    with people.acting():
        row = Record.objects.get(tenant_id=people.tenant.id, id=ada.id)
    assert row.open == {"number": "1", "name": "Ada Holm", "city": "Ghent", "since": "2020-01-31", "rank": "senior"}
    assert all(len(bytes(blob)) > 57 for blob in (row.confidential, row.personal, row.sensitive))
    assert b"Quay" not in bytes(row.personal)


def test_a_sealed_blob_opens_in_its_own_place_only(people, ada, bram):
    from safehold.kernel.errors import Tampered
    from safehold.workspace.records.models import Record

    with people.acting():
        rows = Record.objects.filter(tenant_id=people.tenant.id)
        blob = rows.get(id=ada.id).personal
        rows.filter(id=bram.id).update(personal=blob)
    with pytest.raises(Tampered):
        people.read(bram.id)
    assert people.names("viewer") == ["Ada Holm", "Bram Ørsted"]


def test_an_old_blob_put_back_does_not_open(people, ada):
    from safehold.kernel.errors import Tampered
    from safehold.workspace.records.models import Record, Version

    people.edit(ada, born="1990-01-01")
    with people.acting():
        old = Version.objects.get(tenant_id=people.tenant.id, record_id=ada.id).personal
        Record.objects.filter(tenant_id=people.tenant.id, id=ada.id).update(personal=old)
    with pytest.raises(Tampered):
        people.read(ada.id)
