"""Every page of a workspace, as somebody who may open it and as somebody who may not."""

from __future__ import annotations

import re

import pytest

from support.pages import faults

CLIENTS = b"clientID,clientName,city,country,home phone,balance\nA1,Ada Roasters,Reims,France,+33 1 23 45,12.50\n"
CLIENTS += b"B2,Benno & Sons,Lyon,France,+33 1 23 46,7\nC3,=cmd|calc,Graz,Austria,+43 2 34,-3\n"


@pytest.fixture(scope="module")
def owner(installation):
    from factories import make_tenant
    from support.visitors import Visitor

    return Visitor(make_tenant("Northwind Traders", departments=["Sales", "Trade"]), "owner")


@pytest.fixture(scope="module")
def clients(owner):
    """A collection made from a file, with its rows."""
    from factories import system
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import flows
    from safehold.workspace.records.importing.options import ImportOptions

    with scoped(system(owner.tenant)) as scope:
        shape = flows.design_collection(scope=scope, label="Clients", data=CLIENTS)
        flows.import_rows(scope=scope, collection=shape.key, data=CLIENTS, options=ImportOptions())
    return shape


@pytest.fixture
def first(owner, clients) -> str:
    """The address of a record."""
    return re.search(r"collections/clients/[0-9a-f-]{36}/", owner.get("collections/clients/").text)[0]


def text_of(answer) -> str:
    """A page that answers well and has no fault."""
    assert answer.status_code == 200, answer.text[:2000]
    assert faults(answer.text) == []
    return answer.text


PAGES = [
    "", "members/", "members/?q=nobody-has-this-name", "members/?role=owner&sort=-since", "members/?status=left",
    "members/invite/", "departments/", "departments/1/", "settings/", "activity/", "activity/?verify=1",
    "activity/?type=member.joined&since=2020-01-01", "activity/?text=nothing-has-this-text", "collections/",
    "new-collection/", "new-import/", "collections/clients/", "collections/clients/?q=ada",
    "collections/clients/?country=France&balance__gte=8&sort=-balance",
    "collections/clients/?columns=city&columns=country",
    "collections/clients/?city=Nowhere", "collections/clients/new/", "collections/clients/fields/",
    "collections/clients/fields/new/", "collections/clients/fields/city/", "collections/clients/rename/",
    "collections/clients/import/", "collections/clients/trash/", "tokens/",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_a_good_page(owner, clients, path: str):
    text = text_of(owner.get(path))
    assert "Northwind Traders" in text


def test_visitors_are_shown_the_promises_and_members_their_workspace(owner):
    from django.test import Client

    assert Client(HTTP_HOST="localhost").get("/", secure=True)["Location"] == "/trust/"
    assert owner.client.get("/", secure=True)["Location"] == owner.path()
    assert owner.path() in text_of(owner.client.get("/account/workspaces/", secure=True))


def test_a_record_goes_all_the_way_round(owner, clients):
    made = owner.post("collections/clients/new/", {"clientID": "Z9", "clientName": "Zoe Ltd", "department": "0"})
    page = text_of(owner.follow(made))
    address = made["Location"].removeprefix(owner.path())
    assert "Zoe Ltd is added." in page
    assert "Personal" not in page  # an empty field has no badge
    owner.follow(
        owner.post(f"{address}edit/", {"version": "1", "clientID": "Z9", "clientName": "Zoe SA", "city": "Nice"})
    )
    history = text_of(owner.get(f"{address}history/"))
    assert "Zoe Ltd" in history
    assert "Zoe SA" in history
    stale = owner.post(f"{address}edit/", {"version": "1", "clientID": "Z9", "clientName": "Late"})
    assert stale.status_code == 422
    assert "You edited version 1" in stale.text
    assert faults(stale.text) == []
    gone = owner.follow(owner.post(f"{address}delete/"))
    assert f'action="{owner.path(address)}restore/"' in text_of(gone)
    assert "Zoe SA" in text_of(owner.get("collections/clients/trash/"))
    assert "This record is in the trash" in text_of(owner.get(address))
    assert "Zoe SA is restored." in text_of(owner.follow(owner.post(f"{address}restore/")))


def test_a_record_is_given_to_another_department(owner, clients):
    made = owner.post("collections/clients/new/", {"clientID": "M1", "clientName": "Mover", "department": "0"})
    address = made["Location"].removeprefix(owner.path())
    assert 'id="move"' in text_of(owner.get(address))
    moved = text_of(owner.follow(owner.post(f"{address}move/", {"version": "1", "department": "1"})))
    assert "belongs to another department now" in moved
    assert owner.post(f"{address}move/", {"version": "2", "department": "99"}).status_code == 422


def test_mistakes_come_back_at_their_field(owner, clients):
    typed = {"clientID": "A1", "clientName": "Twice", "balance": "much", "department": "0"}
    answer = owner.post("collections/clients/new/", typed)
    assert answer.status_code == 422
    assert faults(answer.text) == []
    assert re.search(r'id="id_balance_error".*?Expected a number such as', answer.text, re.DOTALL)
    assert 'value="Twice"' in answer.text


def test_a_list_that_cannot_be_shown_says_why_and_offers_the_way_back(owner, clients):
    answer = owner.get("collections/clients/?made-up=1")
    assert answer.status_code == 422
    assert faults(answer.text) == []
    assert "Clear the filters" in answer.text


def test_the_small_filter_form_leads_to_the_plain_address(owner, clients):
    answer = owner.get("collections/clients/", _field="country", _op="is", _value="Austria", sort="city")
    assert answer["Location"] == owner.path("collections/clients/") + "?country=Austria&sort=city"
    assert "Country is Austria" in text_of(owner.follow(answer))


def test_the_export_is_what_the_list_shows_and_runs_in_no_spreadsheet(owner, clients):
    answer = owner.get("collections/clients.csv", country="Austria")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="clients.csv"'
    assert "'=cmd|calc" in answer.text
    assert "Ada" not in answer.text


def test_a_file_is_looked_at_before_it_is_imported(owner, clients):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = SimpleUploadedFile("more.csv", b"clientID,name,town\nD4,Dora,Oslo\n", "text/csv")
    preview = owner.post("collections/clients/import/", {"file": sent})
    address = preview["Location"].removeprefix(owner.path())
    page = text_of(owner.follow(preview))
    assert "nothing of this file would be stored" in page
    assert "column 2" in page
    mapping = {"encoding": "utf-8", "column-0": "clientID", "column-1": "clientName", "column-2": "city"}
    mended = text_of(owner.follow(owner.post(address, mapping)))
    assert "Import 1 row" in mended
    assert "Dora" in mended
    waiting = text_of(owner.follow(owner.post(f"{address}start/")))
    assert "Waiting for its turn" in waiting
    part = owner.client.get(owner.path(address), secure=True, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="import"')


def test_a_file_designs_a_collection(owner):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = SimpleUploadedFile("visits.csv", b"visitID,place,birthDate\n1,Oslo,1980-01-02\n", "text/csv")
    page = text_of(owner.follow(owner.post("new-import/", {"label": "Visits", "file": sent})))
    assert "This file can be imported" in page
    fields = text_of(owner.get("collections/visits/fields/"))
    assert "birthDate" in fields
    assert "Personal" in fields


def test_fields_are_designed_by_hand(owner):
    owner.follow(owner.post("new-collection/", {"label": "Places", "singular": "Place"}))
    wrong = owner.post("collections/places/fields/new/", {"label": "Kind", "type": "choice", "field_class": "open"})
    assert wrong.status_code == 422
    assert "1 to 200 choices" in wrong.text
    right = {"label": "Kind", "type": "choice", "field_class": "confidential", "choices": "Inn\nBar"}
    assert "Kind is added." in text_of(owner.follow(owner.post("collections/places/fields/new/", right)))
    changed = {"label": "Sort", "type": "choice", "field_class": "open", "choices": "Inn\nBar\nPub"}
    assert "Sort is changed." in text_of(owner.follow(owner.post("collections/places/fields/kind/", changed)))
    assert "Spots" in text_of(
        owner.follow(owner.post("collections/places/rename/", {"label": "Spots", "singular": "Spot"}))
    )
    owner.follow(owner.post("collections/places/archive/", {"archived": "yes"}))
    assert "Archived collections" in text_of(owner.get("collections/"))
    owner.follow(owner.post("collections/places/archive/", {"archived": "no"}))
    again = owner.post("new-collection/", {"label": "Places"})
    assert again.status_code == 422
    assert "already" in again.text


def test_people_are_invited_changed_and_removed(owner):
    invited = {"email": "ines@example.com", "name": "Ines Quiroga", "role": "viewer", "departments": ["1"]}
    page = text_of(owner.follow(owner.post("members/invite/", invited)))
    assert "ines@example.com is invited." in page
    assert "Sales" in page
    member = re.search(r"members/[0-9a-f-]{36}/", text_of(owner.get("members/", q="ines")))[0]
    assert "Send a new link" in text_of(owner.get(member))
    assert "is sent a new link" in text_of(owner.follow(owner.post(f"{member}invite-again/")))
    assert owner.post(f"members/{owner.member_id}/invite-again/").status_code == 409
    page = text_of(owner.follow(owner.post(member, {"role": "manager"})))
    assert "Ines Quiroga is changed." in page
    page = text_of(owner.follow(owner.post(f"{member}remove/")))
    assert "Ines Quiroga is removed." in page
    assert "Ines Quiroga" in text_of(owner.get("members/", status="left"))


def test_the_last_owner_stays(owner):
    answer = owner.post(f"members/{owner.member_id}/remove/")
    assert answer.status_code == 409
    assert "always has an owner" in answer.text
    assert faults(answer.text) == []


def test_departments_and_settings_are_changed(owner):
    assert "Logistics is added." in text_of(owner.follow(owner.post("departments/", {"name": "Logistics"})))
    again = owner.post("departments/", {"name": "Logistics"})
    assert again.status_code == 422
    assert "already a department" in again.text
    assert "renamed" in text_of(owner.follow(owner.post("departments/2/", {"name": "Commerce"})))
    number = re.findall(r"departments/(\d+)/", text_of(owner.get("departments/")))[-1]
    assert "Logistics is deleted." in text_of(owner.follow(owner.post(f"departments/{number}/delete/")))
    assert owner.post("departments/0/delete/").status_code == 409
    answer = owner.post("settings/", {"name": "Northwind Traders", "language": "en-gb"})
    assert "The settings are saved." in text_of(owner.follow(answer))


def test_an_event_shows_all_that_is_known_of_it(owner, first):
    owner.get(first)
    page = text_of(owner.get("activity/", type="member.joined"))
    event = re.search(r"activity/[0-9a-f-]{36}/", page)[0]
    shown = text_of(owner.get(event))
    assert "The exact bytes that are hashed" in shown
    assert "Robin Test" in shown


def test_the_activity_is_exported_as_filtered(owner):
    answer = owner.get("activity.csv", type="member.joined")
    assert answer["Content-Type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert lines[0].startswith("place,at,type,actor")
    assert lines[1:]
    assert all(",member.joined," in line for line in lines[1:])
    assert "as a table, filtered by type" in text_of(owner.get("activity/", type="audit.listed"))
    assert owner.get("activity.csv", type="no.such-type").status_code == 422
    owner.get("activity.csv")
    assert "as a table, all rows" in text_of(owner.get("activity/", type="audit.listed"))


@pytest.mark.parametrize(
    "path", ["activity/", "members/", "members/invite/", "collections/clients/fields/", "activity.csv"]
)
def test_a_viewer_is_told_why_not(viewer, clients, path: str):
    answer = viewer.get(path)
    assert answer.status_code == 403
    assert faults(answer.text) == []
    assert "owner or an admin" in answer.text or "role" in answer.text


def test_a_viewer_is_offered_nothing_they_may_not_do(viewer, clients, first):
    page = text_of(viewer.get("collections/clients/"))
    assert not re.search(r"New client|>Import<|>Export<|Trash", page)
    assert "+33 1 23 45" not in page
    record = text_of(viewer.get(first))
    assert "Home phone" not in record
    assert ">Edit<" not in record
    home = text_of(viewer.get())
    assert "Latest activity" not in home
    assert "activity/" not in home


@pytest.fixture(scope="module")
def viewer(owner):
    from support.visitors import Visitor

    return Visitor(owner.tenant, "viewer")


def test_strangers_learn_nothing(owner, installation):
    from factories import make_tenant
    from support.visitors import Visitor

    stranger = Visitor(make_tenant("Elsewhere"), "viewer")
    there = stranger.client.get(owner.path("collections/"), secure=True)
    nowhere = stranger.client.get("/t/no-such-place/collections/", secure=True)
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace(owner.tenant.slug, "") == nowhere.text.replace("no-such-place", "")
