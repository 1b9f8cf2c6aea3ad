"""The API of collections and records: the same rules as everywhere, by token."""

from __future__ import annotations

import pytest

from support.callers import Caller

ADA = {"number": "1", "name": "Ada Holm", "pay": "5200.00", "phone": "+45 12 34 56 78", "illness": "hay fever"}


@pytest.fixture
def owner(people):
    return Caller(people.tenant, "owner")


@pytest.fixture
def manager(people):
    return Caller(people.tenant, "manager")


def made(owner, **values):
    answer = owner.call("post", "collections/people/records", {"values": ADA | values})
    assert answer.status_code == 201, answer.content
    return answer.data


def test_a_collection_is_made_read_and_changed(people, owner):
    fields = [
        {"key": "name", "required": True, "indexed": True},
        {"key": "kind", "type": "choice", "choices": ["a", "b"]},
        {"key": "secret", "class": "sensitive"},
        {"key": "of", "type": "reference", "target": "people"},
    ]
    answer = owner.call("post", "collections", {"key": "things", "fields": fields})
    assert answer.status_code == 201, answer.content
    by_key = {each["key"]: each for each in answer.data["fields"]}
    assert (by_key["of"]["target"], by_key["secret"]["class"], by_key["kind"]["choices"]) == (
        "people",
        "sensitive",
        ["a", "b"],
    )
    assert owner.call("patch", "collections/things", {"label": "All things"}).data["label"] == "All things"
    added = owner.call("post", "collections/things/fields", {"key": "colour"})
    assert (added.status_code, added.data["fields"][-1]["key"]) == (201, "colour")
    changed = owner.call("put", "collections/things/fields/colour", {"key": "colour", "class": "personal"})
    assert changed.data["fields"][-1]["class"] == "personal"
    assert owner.call("put", "collections/things/fields/colour", {"key": "color"}).status_code == 422
    assert [each["key"] for each in owner.call("get", "collections").data] == ["people", "things"]


def test_a_record_is_made_read_changed_deleted_and_restored(owner):
    record = made(owner)
    path = f"collections/people/records/{record['id']}"
    assert owner.call("get", path).data == record
    assert record["values"] == ADA
    changed = owner.call("patch", path, {"version": 1, "values": {"name": "Ada Lund", "pay": None}}).data
    assert (changed["version"], changed["values"]["name"]) == (2, "Ada Lund")
    assert "pay" not in changed["values"]
    moved = owner.call("patch", path, {"version": 2, "department": 1}).data
    assert (moved["version"], moved["department"]) == (3, 1)
    assert owner.call("delete", f"{path}?version=3").status_code == 204
    assert owner.call("get", path).status_code == 404
    trash = owner.call("get", "collections/people/records?deleted=true").data
    assert [each["id"] for each in trash["items"]] == [record["id"]]
    assert owner.call("post", f"{path}/restore").data["version"] == 5
    history = owner.call("get", f"{path}/history").data
    assert [each["action"] for each in history] == ["restored", "deleted", "edited", "edited", "created"]
    assert history[3]["changed"] == ["name", "pay"]


def test_an_old_version_is_refused_and_changes_nothing(owner):
    record = made(owner)
    path = f"collections/people/records/{record['id']}"
    owner.call("patch", path, {"version": 1, "values": {"name": "Second"}})
    answer = owner.call("patch", path, {"version": 1, "values": {"name": "Third"}})
    assert (answer.status_code, answer.data["code"]) == (409, "record-changed")
    assert owner.call("get", path).data["values"]["name"] == "Second"


def test_problems_name_their_fields(owner):
    answer = owner.call("post", "collections/people/records", {"values": {"number": "x", "shoe": "42"}})
    assert answer.status_code == 422
    assert {problem["place"] for problem in answer.data["problems"]} == {"number", "shoe", "name"}


def test_lists_are_filtered_sorted_searched_and_paged(owner):
    for number, name in enumerate(("Ada", "Bram", "Cleo", "Dario"), 1):
        made(owner, number=str(number), name=name)
    page = owner.call("get", "collections/people/records?number__gte=2&sort=-name&limit=2").data
    assert [each["values"]["name"] for each in page["items"]] == ["Dario", "Cleo"]
    rest = owner.call("get", f"collections/people/records?number__gte=2&sort=-name&limit=2&after={page['next']}").data
    assert ([each["values"]["name"] for each in rest["items"]], rest["next"]) == (["Bram"], "")
    assert len(owner.call("get", "collections/people/records?q=cleo").data["items"]) == 1
    assert owner.call("get", "collections/people/records?shoe=42").status_code == 422


def test_a_manager_is_given_nothing_that_is_personal(owner, manager):
    record = made(owner)
    path = f"collections/people/records/{record['id']}"
    answers = [
        manager.call("get", "collections"),
        manager.call("get", "collections/people/records"),
        manager.call("get", path),
        manager.call("get", f"{path}/history"),
        manager.call("get", "collections/people/records.csv"),
        manager.call("patch", path, {"version": 1, "values": {"name": "Ada"}}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 6
    for answer in answers:
        assert not any(word in answer.content.decode() for word in ("12 34 56 78", "hay fever", "phone", "illness"))
        assert "5200.00" in answer.content.decode() or answer is answers[0]
    assert manager.call("get", "collections/people/records?q=hay").data["items"] == []
    hidden, made_up = (
        manager.call("get", f"collections/people/records?{name}=hay").data for name in ("illness", "nonsense")
    )
    assert hidden["problems"][0]["expected"] == made_up["problems"][0]["expected"]


def test_a_file_comes_in_whole_or_not_at_all_and_goes_out_the_same(owner):
    import json

    header = "number,name,city,since,rank,pay,email,phone,address,born,illness,boss\r\n"
    good = header + "1,Ada,'=Ghent,,,,,,,,,\r\n2,Bram,,,,,,,,,,1\r\n"

    def send(text: str):
        response = owner.client.post(
            "/api/v1/collections/people/records.csv",
            data=text.encode(),
            content_type="text/csv",
            secure=True,
            HTTP_AUTHORIZATION=f"Bearer {owner.token}",
        )
        return response.status_code, json.loads(response.content)

    status, refused = send(good + "x,Cleo,,,,,,,,,,\r\n")
    assert status == 422
    assert refused["problems"][0]["place"] == "row 4, column number"
    assert owner.call("get", "collections/people/records").data["items"] == []
    status, imported = send(good)
    assert (status, imported["count"]) == (201, 2)
    exported = owner.call("get", "collections/people/records.csv?sort=number")
    assert exported.content.decode() == good
    assert 'filename="people.csv"' in exported["Content-Disposition"]


def test_another_tenants_records_are_as_absent_as_nobodys(make_people, owner):
    record = made(owner)
    stranger = Caller(make_people().tenant, "owner")
    theirs = stranger.call("get", f"collections/people/records/{record['id']}")
    nobodys = stranger.call("get", "collections/people/records/018f0000-0000-7000-8000-000000000000")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.data["detail"] == nobodys.data["detail"]


def test_entries_for_each_row_are_chosen_by_who_manages_the_workspace(make_people, owner):
    assert owner.call("get", "imports/entries").data == {"each_row": False}
    assert owner.call("put", "imports/entries", {"each_row": True}).data == {"each_row": True}
    assert owner.call("get", "imports/entries").data == {"each_row": True}
    manager = Caller(owner.tenant, "manager")
    assert manager.call("put", "imports/entries", {"each_row": False}).status_code == 403
