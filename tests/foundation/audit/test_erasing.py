"""Erasing one person's values from the log: no event changes, every proof holds, and nobody else's value is lost."""

from __future__ import annotations

import io
from dataclasses import replace
from uuid import uuid4

import pytest

import factories
from safehold.foundation.audit import events, flows, selectors
from safehold.foundation.audit.errors import EventMisuseError
from safehold.foundation.audit.export import proof_of
from safehold.foundation.audit.personal import person
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.keys import flows as keys, ring
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff.events import SUPPORT_REFUSED
from safehold.foundation.tenancy.events import MEMBER_REMOVED
from safehold.kernel.proof import verify as verify_proof
from safehold.kernel.verifier import verify

MANY = 10_000
DENIED = {"permission": "records:records:read", "route": "GET /records"}
PICTURE = "select xmin::text, ctid::text, md5(e::text) from audit_event e where tenant_id = %s order by id"


def act(scope, count=1):
    with scoped(scope):
        return flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED)] * count)


def erase(scope, subject):
    with scoped(scope):
        keys.destroy_subject(scope=scope, subject=subject)
    ring.cache.clear()


def shown(scope, event_id):
    with scoped(scope):
        return selectors.event(scope=scope, event_id=event_id)


def test_ten_thousand_events_are_erased_by_one_key_and_none_is_touched(scope, superuser, sealer):
    gone = replace(scope, actor=f"member:{uuid4()}")
    theirs = [event_id for _ in range(MANY // 1000) for event_id in act(gone, 1000)]
    (others,) = act(scope)
    before = superuser.execute(PICTURE, [scope.tenant]).fetchall()
    sealer.catch_up()
    with scoped(scope):
        proof = proof_of(scope=scope, event_id=theirs[5]).encode()
    erase(scope, gone.actor)
    after = superuser.execute(PICTURE, [scope.tenant]).fetchall()
    assert after[: len(before)] == before
    found = shown(scope, theirs[5])
    assert found.personal == {"from": None}
    assert found.sound
    assert shown(scope, others).personal == {"from": scope.address}
    sealer.catch_up()
    keys_known = published_keys(sealer.place)
    assert verify_proof(proof, keys_known)[0].id == theirs[5]
    with scoped(scope):
        assert verify_proof(proof_of(scope=scope, event_id=theirs[5]).encode(), keys_known)[0].id == theirs[5]
        data = b"".join(flows.export_log(scope=scope, openings=True).pieces)
    report = verify(io.BytesIO(data), keys_known)
    assert report.count >= MANY + 2
    assert report.openings < report.count - MANY + 1


def test_two_people_in_one_event_are_erased_apart(scope):
    member = f"member:{uuid4()}"
    with scoped(scope):
        event_id = flows.record(
            scope, MEMBER_REMOVED, on=member, fields={"role": "hr"}, personal={"email": "a@b.example"}
        )
    assert shown(scope, event_id).personal == {"email": "a@b.example", "from": scope.address}
    erase(scope, member)
    found = shown(scope, event_id)
    assert found.personal == {"email": None, "from": scope.address}
    assert "(erased on request)" in found.sentence
    erase(scope, scope.actor)
    assert shown(scope, event_id).personal == {"email": None, "from": None}


def test_values_about_nobody_in_particular_cant_be_written(scope):
    fields = {"tenant": "t", "grant": "g", "case": "c"}
    with scoped(scope), pytest.raises(EventMisuseError, match="whom"):
        flows.record(scope, SUPPORT_REFUSED, on="support:1", fields=fields, personal={"staff": "Ann"})
    with scoped(scope):
        flows.record(scope, SUPPORT_REFUSED, on="support:1", fields=fields, personal={"staff": "Ann"}, about="staff:1")


def test_an_accounts_values_in_the_platforms_log_are_erased(installation):
    account = uuid4()
    visitor = Scope(Kind.ACCOUNT, actor=f"account:{account}", account_id=account, address="192.0.2.7")
    (event_id,) = act(visitor)
    platform = factories.PLATFORM_SCOPE
    assert shown(platform, event_id).address == "192.0.2.7"
    erase(platform, f"account:{account}")
    assert shown(platform, event_id).personal == {"from": None}


def test_a_value_put_beside_another_event_is_no_erasure(scope, superuser):
    first, second = act(scope, 2)
    superuser.execute("alter table audit_event disable trigger all")
    try:
        superuser.execute(
            "update audit_event set personal = (select personal from audit_event where id = %s) where id = %s",
            [second, first],
        )
    finally:
        superuser.execute("alter table audit_event enable always trigger refuse_change_of_row")
        superuser.execute("alter table audit_event enable always trigger refuse_change")
    found = shown(scope, first)
    assert found.personal == {"from": None}
    assert not found.sound


def test_people_and_what_isnt_one():
    assert person("staff:1") == person("account:1") == "account:1"
    assert person("member:1") == "member:1"
    assert person("record:1") == person("system:web") == person("visitor") == person("") == person("member:") == ""
