"""Reading the log over its faces: tables, the sealed order, proofs, receipts, and that reading is itself logged."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

import factories
from safehold.foundation.audit import events, flows, listing, selectors
from safehold.foundation.audit.listing import Form
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import proof
from safehold.kernel.errors import Denied, Invalid
from support.callers import Caller
from support.visitors import Visitor


@pytest.fixture
def tenant(installation):
    return factories.make_tenant()


def note(scope, count=1, on="", route="GET /r"):
    with scoped(scope):
        entries = [flows.Entry(on, {"permission": "p", "route": f"{route}-{number}"}) for number in range(count)]
        return flows.record_many(scope, events.DENIED, entries)


def of_type(tenant, kind):
    with scoped(factories.system(tenant)) as scope:
        return selectors.activity(scope=scope, filters=Filters(type=kind), limit=500).events


@contextmanager
def sealing(sealer):
    """The sealer at work in another thread, as it is in an installation."""
    stop = threading.Event()

    def work():
        while not stop.wait(0.05):
            sealer.catch_up()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_tables_hold_exactly_what_is_asked_for_and_say_that_they_were_taken(scope):
    ids = note(scope, 3, on="record:7")
    note(scope, 2)
    with scoped(scope):
        lines = listing.export_list(scope=scope, filters=Filters(on="record:7"), form=Form.JSON_LINES)
        rows = listing.export_list(scope=scope, filters=Filters(on="record:7"))
        shown = [listing.plain(each) for each in selectors.activity(scope=scope, filters=Filters(on="record:7")).events]
        taken = selectors.activity(scope=scope, filters=Filters(type="audit.listed")).events
    found = [json.loads(line) for line in lines.splitlines()]
    assert [each["id"] for each in found] == [str(one) for one in reversed(ids)]
    assert found == json.loads(json.dumps(shown, default=listing._exact))
    assert len(rows.splitlines()) == 4
    assert [each.fields["form"] for each in taken] == ["csv", "jsonl"]
    assert {(each.fields["events"], each.fields["filters"]) for each in taken} == {(3, "filtered by on")}


def test_more_than_one_table_holds_is_refused_rather_than_cut(scope, monkeypatch):
    monkeypatch.setattr(listing, "MOST", 4)
    note(scope, 5)
    with scoped(scope), pytest.raises(Invalid, match="More than 4"):
        listing.export_list(scope=scope, filters=Filters(actor=scope.actor))
    with scoped(scope):
        assert selectors.activity(scope=scope, filters=Filters(type="audit.listed")).events == []


def test_who_may_not_take_the_activity_out_gets_none_of_it(scope):
    manager = factories.scope_of(scope.tenant, "manager")
    with scoped(manager), pytest.raises(Denied):
        listing.export_list(scope=manager, filters=Filters(), form=Form.JSON_LINES)


def test_a_reader_of_the_sealed_order_misses_nothing_whatever_fits(scope, sealer, monkeypatch):
    from safehold.foundation.audit.selectors import sealed

    wanted = []
    for _ in range(6):
        note(scope, 7)
        wanted += note(scope, 1, on="record:x")
    sealer.catch_up()
    monkeypatch.setattr(sealed, "_WINDOW", 10)
    for limit in (1, 2, 500):
        seen, index, pages = [], 0, 0
        with scoped(scope):
            size = selectors.head(scope=scope).size
            while index < size:
                page = selectors.sealed_from(scope=scope, index=index, filters=Filters(on="record:x"), limit=limit)
                assert page.next > index
                seen, index, pages = [*seen, *(each.id for each in page.events)], page.next, pages + 1
        assert seen == wanted
        assert index == size
        assert pages > 2


def test_who_waits_is_answered_as_soon_as_there_is_more(tenant, sealer):
    owner = Caller(tenant, "owner")
    sealer.catch_up()
    place = owner.call("GET", "events/sealed?index=0&limit=500").data["next"]
    note(factories.scope_of(tenant, "owner"))
    with sealing(sealer):
        answer = owner.call("GET", f"events/sealed?index={place}&wait=20")
    assert answer.data["items"]
    assert owner.call("GET", "events/sealed?wait=26").status_code == 422


def test_who_waits_in_vain_is_told_where_to_go_on(tenant, sealer):
    owner = Caller(tenant, "owner")
    owner.call("GET", "events/checkpoint")
    note(factories.scope_of(tenant, "owner"))
    sealer.catch_up()
    place = owner.call("GET", "events/sealed?index=0&limit=500").data["next"]
    answer = owner.call("GET", f"events/sealed?index={place}&wait=1")
    assert answer.data == {"items": [], "next": place}


def test_the_api_gives_tables_and_the_proof_of_an_event(tenant, sealer, installation):
    owner = Caller(tenant, "owner")
    (event_id,) = note(factories.scope_of(tenant, "owner"), on="record:9")
    assert owner.call("GET", f"events/{event_id}/proof").status_code == 503
    sealer.catch_up()
    answer = owner.call("GET", f"events/{event_id}/proof")
    assert answer["Content-Type"].startswith("text/plain")
    said, head = proof.verify(answer.content, published_keys(installation))
    assert said.id == event_id
    assert head.size > 0
    assert [each.on for each in of_type(tenant, "audit.proved")] == [f"event:{event_id}"]
    lines = owner.call("GET", "events.jsonl?on=record:9").content.decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [str(event_id)]
    assert owner.call("GET", "events.csv?on=record:9").content.decode().count("\r\n") == 2
    assert owner.call("GET", "events.csv?since=never").status_code == 422


def test_a_write_that_asks_for_it_is_answered_with_its_receipt(tenant, sealer, installation):
    owner = Caller(tenant, "owner")
    with sealing(sealer):
        answer = owner.call("POST", "departments?wait=sealed", {"name": "Sealed"})
    assert answer.status_code == 201
    assert answer["Safehold-Receipt"] == "sealed"
    (made,) = of_type(tenant, "department.created")
    assert (answer["Safehold-Event"], int(answer["Safehold-Index"])) == (str(made.id), made.index)
    assert int(answer["Safehold-Checkpoint"]) > made.index
    said, _ = proof.verify(owner.call("GET", f"events/{made.id}/proof").content, published_keys(installation))
    assert said.id == made.id


def test_a_write_that_takes_too_long_to_seal_stands_and_says_so(tenant, monkeypatch):
    from safehold.api import receipts

    monkeypatch.setattr(receipts, "_SECONDS", 0.3)
    owner = Caller(tenant, "owner")
    answer = owner.call("POST", "departments?wait=sealed", {"name": "Waiting"})
    assert (answer.status_code, answer["Safehold-Receipt"], answer["Retry-After"]) == (201, "pending", "5")
    assert answer["Safehold-Event"] == str(of_type(tenant, "department.created")[0].id)
    assert "Safehold-Index" not in answer


def test_what_was_refused_or_wrote_nothing_has_no_receipt(tenant):
    owner = Caller(tenant, "owner")
    refused = owner.call("POST", "departments?wait=sealed", {"name": ""})
    assert refused.status_code == 422
    assert "Safehold-Event" not in refused
    assert "Safehold-Receipt" not in owner.call("GET", "departments?wait=sealed")
    assert "Safehold-Receipt" not in owner.call("POST", "departments", {"name": "Plain"})


def test_reading_leaves_one_event_a_person_and_hour(tenant, monkeypatch):
    owner, admin = Visitor(tenant, "owner"), Visitor(tenant, "admin")
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    monkeypatch.setattr("safehold.foundation.audit.reading.clock", _At(hour))
    for _ in range(3):
        assert owner.get("activity/").status_code == 200
    event_id = of_type(tenant, "audit.read")[0].id
    assert owner.get(f"activity/{event_id}/").status_code == 200
    assert admin.get("activity/").status_code == 200
    read = of_type(tenant, "audit.read")
    assert sorted(each.actor for each in read) == sorted([f"member:{owner.member_id}", f"member:{admin.member_id}"])
    monkeypatch.setattr("safehold.foundation.audit.reading.clock", _At(hour + timedelta(hours=1)))
    assert owner.get("activity/").status_code == 200
    assert len(of_type(tenant, "audit.read")) == 3


class _At:
    """A clock that stands."""

    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now


def test_who_is_refused_the_log_has_not_read_it(tenant):
    viewer = Visitor(tenant, "viewer")
    assert viewer.get("activity/").status_code == 403
    assert of_type(tenant, "audit.read") == []


def test_the_page_offers_periods_and_both_tables_and_says_what_it_cant_read(tenant):
    owner = Visitor(tenant, "owner")
    today = clock.now().date().isoformat()
    said = owner.get("activity/", since=today).content.decode()
    assert re.search(r'aria-current="page">\s*Today', said)
    assert "activity.csv?since=" in said
    assert "activity.jsonl?since=" in said
    wrong = owner.get("activity/", since="2026-02-02", until="2026-01-01")
    assert wrong.status_code == 422
    assert "These filters can't be applied" in wrong.content.decode().replace("&#x27;", "'")
    lines = owner.get("activity.jsonl", type="member.joined")
    assert lines["Content-Type"].startswith("application/jsonl")
    assert {json.loads(line)["type"] for line in lines.content.decode().splitlines()} == {"member.joined"}
