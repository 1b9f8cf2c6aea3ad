"""Events are written with the change or not at all, by registered types only, and hold no personal value in clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection

import factories
from safehold.foundation.audit import events, flows, selectors
from safehold.foundation.audit.errors import EventMisuseError
from safehold.foundation.audit.models import Event
from safehold.foundation.audit.registry import event_types
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import auditevent
from safehold.kernel.errors import Denied, NotFound
from safehold.kernel.event import EventType

DENIED = {"permission": "records:records:read", "route": "GET /records"}


def written(scope: Scope) -> list[selectors.Activity]:
    with scoped(factories.system(scope.tenant)) as reader:
        return list(selectors.activity(scope=reader).events)


def test_an_event_is_there_after_commit_and_says_what_it_was_given(scope):
    with scoped(scope):
        event_id = flows.record(scope, events.DENIED, on="record:1", fields=DENIED)
    (found, *_) = written(scope)
    assert (found.id, found.type, found.actor, found.on) == (event_id, "security.denied", scope.actor, "record:1")
    assert found.fields == DENIED
    assert found.personal == {"from": "192.0.2.1"}
    assert found.address == "192.0.2.1"
    assert found.sentence == "was refused: records:records:read is needed for GET /records"
    assert found.sound
    assert found.security


def test_a_rolled_back_change_leaves_no_event_and_a_refusal_leaves_one(scope):
    ids = []

    def refused():
        with scoped(scope):
            ids.append(flows.record(scope, events.DENIED, fields=DENIED))
            ids.append(flows.record_apart(scope, events.DENIED, fields=DENIED))
            raise Denied

    with pytest.raises(Denied):
        refused()
    with scoped(scope):
        with pytest.raises(NotFound):
            selectors.event(scope=scope, event_id=ids[0])
        assert selectors.event(scope=scope, event_id=ids[1]).type == "security.denied"


def test_the_hashed_bytes_hold_a_commitment_and_not_the_value(scope, superuser):
    with scoped(scope):
        event_id = flows.record(scope, events.DENIED, fields=DENIED)
    body, personal, digest = superuser.execute(
        "select body, personal, digest from audit_event where id = %s", [event_id]
    ).fetchone()
    assert b"192.0.2.1" not in body
    assert b"192.0.2.1" not in personal
    said = auditevent.decode(body)
    assert set(said.personal) == {"from"}
    assert auditevent.Event.encode(said) == body
    from safehold.foundation.audit.personal import open_personal
    from safehold.kernel.merkle import leaf_hash

    assert digest == leaf_hash(body)
    with scoped(scope):
        (opened,) = open_personal(scope.tenant, [(event_id, personal)])
    auditevent.verify_opening(said, "from", "192.0.2.1", opened["from"].salt)


def test_equal_values_have_unequal_commitments(scope):
    with scoped(scope):
        first, second = flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED)] * 2)
        bodies = [selectors.event(scope=scope, event_id=one).body for one in (first, second)]
    assert len({auditevent.decode(body).personal["from"] for body in bodies}) == 2


@pytest.mark.parametrize(
    ("fields", "personal"),
    [
        ({"permission": "x"}, {}),
        (DENIED | {"more": 1}, {}),
        (DENIED, {"name": "Ann"}),
        ({}, {}),
    ],
)
def test_a_missing_or_undeclared_field_is_a_programmers_error(scope, fields, personal):
    with scoped(scope), pytest.raises(EventMisuseError, match="missing or undeclared"):
        flows.record(scope, events.DENIED, fields=fields, personal=personal)


def test_an_unregistered_type_cant_be_written(scope):
    stranger = EventType("security.denied", "another of the same name", ("permission", "route"))
    with scoped(scope), pytest.raises(EventMisuseError, match="not registered"):
        flows.record(scope, stranger, fields=DENIED)


def test_every_room_s_types_are_registered_by_one_name():
    types = event_types()
    assert {"audit.exported", "security.denied", "log.sealed", "keys.created"} <= set(types)
    assert [*types] == sorted(types)


def test_many_events_go_in_one_statement(scope):
    with scoped(scope):
        entries = [flows.Entry(on=f"record:{at}", fields=DENIED) for at in range(250)]
        ids = flows.record_many(scope, events.DENIED, entries)
        assert flows.record_many(scope, events.DENIED, []) == []
    assert len(set(ids)) == 250
    with scoped(scope):
        found = [selectors.event(scope=scope, event_id=one).on for one in ids[:3]]
    assert found == ["record:0", "record:1", "record:2"]


def test_an_event_of_a_scope_that_is_not_open_is_refused(scope):
    other = replace(factories.scope_of(factories.make_tenant(), "owner"), address="")
    with pytest.raises(DatabaseError), scoped(scope):
        flows.record(other, events.FAILED, fields={"kind": "x", "route": "y", "reference": "z"})


def test_account_and_sign_in_scopes_write_to_the_platform_s_log(installation):
    for kind in (Kind.ACCOUNT, Kind.SIGN_IN):
        visitor = Scope(kind, actor="account:1", account_id=uuid4() if kind is Kind.ACCOUNT else None, address="::1")
        with scoped(visitor):
            event_id = flows.record(visitor, events.DENIED, fields=DENIED)
        with scoped(factories.PLATFORM_SCOPE):
            assert selectors.event(scope=factories.PLATFORM_SCOPE, event_id=event_id).address == "::1"


@pytest.mark.parametrize("shift", [timedelta(hours=-2), timedelta(minutes=10), timedelta(days=-400)])
def test_a_back_dated_event_is_refused_by_the_database(scope, monkeypatch, shift):
    then = clock.now() + shift
    monkeypatch.setattr(clock, "now", lambda: then)
    with pytest.raises(DatabaseError), scoped(scope):
        flows.record(scope, events.DENIED, fields=DENIED)


def test_a_writer_can_set_neither_transaction_nor_digest(scope):
    for column, value in (("xid", "'1'::xid8"), ("digest", "'\\x00'::bytea")):
        with pytest.raises(DatabaseError), scoped(scope), connection.cursor() as cursor:
            cursor.execute(
                f"insert into audit_event (tenant_id, id, at, type, actor, target, body, {column})"  # noqa: S608
                f" values (%s, gen_random_uuid(), now(), 'a.b', 'x', '', '\\x7b7d', {value})",
                [scope.tenant],
            )


def test_another_tenant_sees_nothing(scope):
    with scoped(scope):
        event_id = flows.record(scope, events.DENIED, fields=DENIED)
    other = factories.scope_of(factories.make_tenant(), "owner")
    with scoped(other):
        with pytest.raises(NotFound):
            selectors.event(scope=other, event_id=event_id)
        assert not Event.objects.filter(id=event_id).exists()


def test_the_models_only_read(scope):
    from safehold.foundation.audit.models import ReadOnlyError

    with scoped(scope):
        flows.record(scope, events.DENIED, fields=DENIED)
        row = Event.objects.filter(tenant_id=scope.tenant).first()
        for attempt in (
            row.save,
            row.delete,
            Event.objects.all().delete,
            lambda: Event.objects.update(actor="x"),
            lambda: Event.objects.create(id=uuid4()),
            lambda: Event.objects.bulk_create([row]),
        ):
            with pytest.raises(ReadOnlyError):
                attempt()


def test_a_database_error_is_no_django_surprise(scope):
    """The error class that the tests above expect is Django's, with psycopg's behind it."""
    with pytest.raises(DatabaseError) as caught, scoped(scope), connection.cursor() as cursor:
        cursor.execute("delete from audit_event")
    assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)
