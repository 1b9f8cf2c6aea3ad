"""Collections and their fields: made, changed, and their records written anew where a field changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safehold.foundation.access.matrix import FieldClass
from safehold.kernel.errors import Denied, Invalid, NotFound
from safehold.workspace.records.errors import CollectionExists, InvalidRecord
from safehold.workspace.records.shape import FieldSpec
from safehold.workspace.records.values import FieldType

CITY = FieldSpec("city", label="City")
NAME = (FieldSpec("name"),)


def create(people, key="things", fields=NAME, role="owner", **names):
    from safehold.workspace.records import flows

    with people.acting(role) as scope:
        return flows.create_collection(scope=scope, key=key, fields=fields, **names)


def change(people, spec, role="owner", departments=None):
    from safehold.workspace.records import flows

    with people.acting(role, departments) as scope:
        return flows.change_field(scope=scope, collection="people", field=spec)


def stored(people, record_id):
    from safehold.workspace.records.models import Record, Version

    with people.acting():
        rows = [Record.objects.get(tenant_id=people.tenant.id, id=record_id)]
        return [*rows, *Version.objects.filter(tenant_id=people.tenant.id, record_id=record_id)]


def test_a_collection_has_names_of_its_own(people):
    shape = create(people, "order-details", label="Order details", singular="Line")
    assert (shape.key, shape.label, shape.singular) == ("order-details", "Order details", "Line")
    shape = create(people, "suppliers")
    assert (shape.label, shape.singular, shape.fields[0].label) == ("Suppliers", "Supplier", "Name")


def test_collections_are_listed_in_order_with_what_may_be_seen(people):
    from safehold.workspace.records import selectors

    create(people)
    with people.acting("viewer") as scope:
        shapes = selectors.collections(scope)
    assert [shape.key for shape in shapes] == ["people", "things"]
    assert {each.key for each in shapes[0].fields} == {"number", "name", "city", "since", "rank", "boss"}


@pytest.mark.parametrize(
    ("key", "fields", "place"),
    [
        ("People!", [FieldSpec("name")], "key"),
        ("things", [FieldSpec("sort")], "key"),
        ("things", [FieldSpec("a__b")], "key"),
        ("things", [FieldSpec("name"), FieldSpec("Name")], "fields"),
        ("things", [FieldSpec("name", label="x" * 101)], "name label"),
        ("things", [FieldSpec("kind", FieldType.CHOICE)], "kind choices"),
        ("things", [FieldSpec("kind", FieldType.CHOICE, choices=("a", "A"))], "kind choices"),
        ("things", [FieldSpec("name", choices=("a",))], "name choices"),
        ("things", [FieldSpec("of", FieldType.REFERENCE)], "of target"),
        ("things", [FieldSpec("of", FieldType.REFERENCE, target="nothing")], "of target"),
        ("things", [FieldSpec("name", target="people")], "name target"),
        (
            "things",
            [FieldSpec("of", FieldType.REFERENCE, target="people", field_class=FieldClass.PERSONAL)],
            "of class",
        ),
        ("things", [FieldSpec(f"n{i}", indexed=True) for i in range(9)], "fields"),
        ("things", [FieldSpec(f"n{i}") for i in range(201)], "fields"),
    ],
)
def test_what_cannot_be_a_collection_is_named(people, key, fields, place):
    with pytest.raises(Invalid) as refused:
        create(people, key, fields)
    assert place in {problem.place for problem in refused.value.problems}


def test_a_key_is_taken_once(people):
    with pytest.raises(CollectionExists):
        create(people, "people")


def test_only_managers_of_collections_make_and_change_them(people):
    for role in ("manager", "accountant", "hr", "viewer", "employee"):
        with pytest.raises(Denied):
            create(people, role=role)
        with pytest.raises(Denied):
            change(people, CITY, role)


def test_a_collection_put_away_keeps_its_records(people, ada):
    from safehold.workspace.records import flows, selectors

    with people.acting() as scope:
        flows.change_collection(scope=scope, collection="people", label="Everybody", archived=True)
        assert selectors.collections(scope) == []
        (shape,) = selectors.collections(scope, archived=True)
    assert shape.label == "Everybody"
    assert people.names() == ["Ada Holm"]
    (event,) = people.events("collection.changed")
    assert event["fields"] == {"collection": "people", "changed": "archived, label"}


def test_a_field_is_added_and_filled(people, ada):
    from safehold.workspace.records import flows

    with people.acting() as scope:
        flows.add_field(scope=scope, collection="people", field=FieldSpec("score", FieldType.NUMBER, indexed=True))
        with pytest.raises(Invalid):
            flows.add_field(scope=scope, collection="people", field=FieldSpec("must", required=True))
        with pytest.raises(Invalid):
            flows.add_field(scope=scope, collection="people", field=FieldSpec("score"))
    assert people.names(score__empty="yes") == people.names(sort="score") == ["Ada Holm"]
    people.edit(ada, score="12")
    assert people.names(score__gte="10") == ["Ada Holm"]


def test_an_open_field_that_becomes_personal_lies_open_nowhere(people, ada):
    people.edit(ada, city="Antwerp")
    change(people, replace(CITY, field_class=FieldClass.PERSONAL, indexed=True))
    for row in stored(people, ada.id):
        assert "city" not in row.open
    assert people.names(q="antwerp") == people.names(city="antwerp") == ["Ada Holm"]
    assert people.names("viewer", q="antwerp") == []
    assert "city" not in people.read(ada.id, "viewer").values
    assert people.read(ada.id).values["city"] == "Antwerp"
    assert [change.values["city"] for change in people.history(ada.id)] == ["Antwerp", "Ghent"]
    assert "city" not in people.history(ada.id, "viewer")[1].values
    (event,) = people.events("collection.field-changed")
    assert event["fields"] == {
        "collection": "people",
        "field": "city",
        "changed": "field_class, indexed",
        "class": "personal",
        "was": "open",
        "records": 1,
    }


def test_a_sealed_field_can_be_opened_to_all(people, ada):
    change(people, FieldSpec("address", field_class=FieldClass.OPEN, indexed=True))
    assert people.read(ada.id, "viewer").values["address"] == "Quay Street 7, Ghent"
    assert people.names("viewer", address__begins="quay") == people.names("viewer", q="quay stree") == ["Ada Holm"]


def test_deleted_records_are_written_anew_too(people, ada):
    from safehold.workspace.records import flows

    with people.acting() as scope:
        flows.delete_record(scope=scope, collection="people", record_id=ada.id)
    change(people, replace(CITY, field_class=FieldClass.SENSITIVE))
    people.add({"number": "1", "name": "Another"})
    assert all("city" not in row.open for row in stored(people, ada.id))


def test_a_field_becomes_unique_if_it_is(people, ada, bram):
    change(people, replace(CITY, unique=True))
    with pytest.raises(InvalidRecord):
        people.edit(bram, city="Ghent")
    people.edit(bram, city="Lund")


def test_a_field_with_repetitions_does_not_become_unique(people, ada, bram):
    people.edit(bram, city="Ghent")
    with pytest.raises(InvalidRecord) as refused:
        change(people, replace(CITY, unique=True))
    assert refused.value.problems[0].place == "record 2, city"
    assert people.names(q="ghent") == ["Ada Holm", "Bram Ørsted"]


def test_a_field_changes_its_type_if_every_value_fits(people, ada, bram):
    with pytest.raises(InvalidRecord) as refused:
        change(people, FieldSpec("city", FieldType.NUMBER))
    assert {problem.place for problem in refused.value.problems} == {"record 1, city", "record 2, city"}
    change(people, FieldSpec("city", FieldType.CHOICE, choices=("GHENT", "Malmö")))
    assert people.read(ada.id).values["city"] == "GHENT"


def test_a_field_becomes_required_if_it_is_filled(people, ada, bram):
    change(people, replace(CITY, required=True))
    with pytest.raises(InvalidRecord):
        change(people, FieldSpec("rank", FieldType.CHOICE, choices=("junior", "senior"), required=True))
    with pytest.raises(InvalidRecord):
        people.edit(ada, city="")


def test_references_stay_references(people, ada, bram):
    with pytest.raises(Invalid):
        change(people, FieldSpec("boss"))
    with pytest.raises(Invalid):
        change(people, FieldSpec("city", FieldType.REFERENCE, target="people"))
    change(people, FieldSpec("boss", FieldType.REFERENCE, label="Led by", target="people"))
    change(people, replace(CITY, indexed=True))
    assert people.names(boss="1") == ["Bram Ørsted"]


def test_a_new_name_alone_rewrites_nothing(people, ada):
    change(people, FieldSpec("city", label="Town"), role="admin", departments=(0,))
    (event,) = people.events("collection.field-changed")
    assert event["fields"]["records"] == 0


def test_who_does_not_reach_every_department_rewrites_nothing(people, ada):
    with pytest.raises(Denied):
        change(people, replace(CITY, field_class=FieldClass.PERSONAL), role="admin", departments=(0, 1))
    assert people.names("viewer", q="ghent") == ["Ada Holm"]


def test_what_is_not_there_cannot_be_changed(people):
    with pytest.raises(NotFound):
        change(people, FieldSpec("shoe"))
