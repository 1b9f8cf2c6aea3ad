"""Reading the activity: filters, cursors, who may, what is erased."""

from __future__ import annotations

from datetime import timedelta

import pytest

import factories
from safehold.foundation.audit import events, flows, selectors
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Denied, Invalid, NotFound
from support import tampering


def deny(scope, on="", route="GET /r"):
    with scoped(scope):
        return flows.record(scope, events.DENIED, on=on, fields={"permission": "p", "route": route})


def listed(scope, limit=50, **filters):
    with scoped(scope):
        page = selectors.activity(scope=scope, filters=Filters(**filters), limit=limit)
    return [one.id for one in page.events]


def test_filters_narrow_and_pages_join_without_gap(scope):
    start = clock.now()
    ids = [deny(scope, on=f"record:{number % 3}", route=f"GET /route-{number}") for number in range(25)]
    other = factories.scope_of(scope.tenant, "viewer")
    theirs = deny(other)
    newest_first = ids[::-1]
    assert listed(scope, actor=scope.actor, since=start) == newest_first
    assert listed(scope, actor=other.actor) == [theirs]
    assert listed(scope, on="record:1") == [one for number, one in enumerate(ids) if number % 3 == 1][::-1]
    assert listed(scope, type="audit.exported") == []
    assert listed(scope, text="ROUTE-24") == [ids[24]]
    assert listed(scope, until=start) == listed(scope, until=start, type="") != newest_first
    assert listed(scope, since=clock.now() + timedelta(minutes=1)) == []
    assert set(ids) <= set(listed(scope, security=True))
    seen, cursor = [], ""
    with scoped(scope):
        while True:
            page = selectors.activity(scope=scope, filters=Filters(actor=scope.actor), cursor=cursor, limit=4)
            seen += [one.id for one in page.events]
            cursor = page.next
            if not cursor:
                break
    assert seen == newest_first
    with scoped(scope), pytest.raises(Invalid):
        selectors.activity(scope=scope, cursor="nonsense")


@pytest.mark.parametrize("role", ["viewer", "employee", "accountant", "hr"])
def test_only_those_who_may_see_the_activity_do(scope, role):
    event_id = deny(scope)
    reader = factories.scope_of(scope.tenant, role)
    with scoped(reader):
        for read in (
            lambda: selectors.activity(scope=reader),
            lambda: selectors.event(scope=reader, event_id=event_id),
            lambda: selectors.sealed_since(scope=reader, index=0),
        ):
            with pytest.raises(Denied):
                read()


def test_sealed_events_are_read_on_in_order(scope, sealer):
    ids = [deny(scope) for _ in range(5)]
    sealer.catch_up()
    with scoped(scope):
        first = selectors.sealed_since(scope=scope, index=0, limit=3)
        rest = selectors.sealed_since(scope=scope, index=first[-1].index + 1)
        assert [one.index for one in (*first, *rest)] == list(range(len(first) + len(rest)))
        assert [one.id for one in (*first, *rest) if one.id in ids] == ids
        shown = selectors.event(scope=scope, event_id=ids[0])
        assert shown.index is not None
        assert len(shown.chain) == len(shown.digest) == 32
        assert selectors.place_of(scope=scope, event_id=ids[0]).index == shown.index


def test_an_erased_value_shows_as_erased_and_hides_no_other(scope, superuser, installation):
    erased, kept = deny(scope), deny(scope)
    with tampering.undone(superuser, installation, scope.tenant):
        with tampering.unguarded(superuser):
            superuser.execute(
                "update audit_event set personal = set_byte(personal, 60, get_byte(personal, 60) # 1) where id = %s",
                [erased],
            )
        with scoped(scope):
            found = {one.id: one for one in selectors.activity(scope=scope).events}
            assert found[erased].personal == {"from": None}
            assert found[erased].address == ""
            assert found[kept].personal == {"from": "192.0.2.1"}
            assert selectors.event(scope=scope, event_id=erased).personal == {"from": None}


def test_a_row_that_contradicts_its_bytes_is_shown_as_the_bytes_say_and_marked(scope, superuser, installation, sealer):
    event_id = deny(scope)
    sealer.catch_up()
    with tampering.undone(superuser, installation, scope.tenant):
        with tampering.unguarded(superuser):
            superuser.execute("update audit_event set actor = 'member:other' where id = %s", [event_id])
        with scoped(scope):
            found = selectors.event(scope=scope, event_id=event_id)
            assert found.actor == scope.actor
            assert not found.sound
        with tampering.unguarded(superuser):
            superuser.execute("update audit_event set body = '\\x7b7d' where id = %s", [event_id])
        with scoped(scope):
            assert not selectors.event(scope=scope, event_id=event_id).sound


def test_a_sentence_survives_unknown_types_and_missing_words():
    assert selectors.render("never.heard-of", "", {}) == "never.heard-of"
    assert selectors.render("security.denied", "", {"permission": None}) == "was refused: nothing is needed for (route)"
    assert "security.denied" in selectors.event_types_seen()


def test_absent_and_foreign_events_look_alike(scope):
    other = factories.scope_of(factories.make_tenant(), "owner")
    theirs = deny(other)
    messages = set()
    for event_id in (theirs, clock.new_id()):
        with scoped(scope), pytest.raises(NotFound) as caught:
            selectors.event(scope=scope, event_id=event_id)
        messages.add(caught.value.message)
    assert len(messages) == 1
