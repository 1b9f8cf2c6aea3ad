"""Heads in other hands: what each kind of place is given and gives back, and what one says that remembers better."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest

import factories
from safehold.foundation.anchors import flows, selectors
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.checkpoint import open_checkpoint
from safehold.kernel.errors import Denied, Invalid, NotFound
from support.timestamping import TimeAuthority
from support.witnesses import Witness

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture(scope="module")
def stamper(tmp_path_factory):
    return TimeAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def witness(receiver, sealer):
    """A witness that knows the log of logs, served by the receiver."""
    from safehold.foundation.audit.signing import published_keys

    made = Witness()
    (key,) = published_keys(sealer.place)
    made.trust(f"{key.name}/logs", key.public)
    receiver.reply = lambda heard: made.answer(heard.body)
    return made


@pytest.fixture
def tenant_and_grow(tenant, grow):
    return tenant, grow


def added(scope, how, **what) -> UUID:
    with scoped(scope):
        return how(scope=scope, **what).id


def place(scope, place_id):
    with scoped(scope):
        return selectors.place(scope, place_id)


def give(scope, place_id) -> bool:
    return flows.give(scope=scope, place_id=place_id)


def events_of(scope, name):
    from safehold.foundation.audit import selectors as audit

    with scoped(scope):
        return audit.activity(scope=scope, filters=audit.Filters(type=name)).events


def test_a_witness_cosigns_head_after_head(platform, tenant, receiver, witness, grow):
    from safehold.foundation.audit.signing import published_keys
    from safehold.foundation.audit.statements import installation

    grow(tenant)
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    sizes = []
    for _ in range(3):
        assert give(platform, one)
        assert not give(platform, one), "it has the newest"
        sizes.append(place(platform, one).size)
        grow(tenant)
    assert sizes == sorted(set(sizes))
    assert receiver.heard[-1].path == "/hook/add-checkpoint"
    with scoped(platform):
        note = selectors.cosigned_note(platform)
    assert open_checkpoint(note, published_keys(installation())).size == sizes[-1]
    assert f"— {witness.name} " in note
    assert len(note.splitlines()) == 8


def test_a_witness_that_holds_another_size_is_asked_for_it(platform, tenant_and_grow, receiver, witness, superuser):
    tenant, grow = tenant_and_grow
    grow(tenant)
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    assert give(platform, one)
    superuser.execute("update anchors_place set size = 0 where id = %s", [one])  # as after a crash before it was noted
    grow(tenant)
    assert give(platform, one)
    assert [len(heard.body.split(b"\n\n")) for heard in receiver.heard[-2:]]
    assert place(platform, one).contradiction == ""


def test_a_witness_that_remembers_more_contradicts_us(platform, tenant, receiver, witness, grow):
    grow(tenant)
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    (origin,) = witness.logs
    witness.heads[origin] = 10**9, b"x" * 32
    assert not give(platform, one)
    assert "cut or rolled back" in place(platform, one).contradiction
    (event,) = [each for each in events_of(platform, "anchor.contradicted") if each.on == f"anchor:{one}"]
    assert event.fields["theirs"] == 10**9
    with scoped(platform):
        assert "contradicts this log" in selectors.window(platform).sentence
        assert (platform.log_id, one) not in selectors.due()


def test_a_witness_that_remembers_otherwise_contradicts_us(platform, tenant, receiver, witness, grow):
    grow(tenant)
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    assert give(platform, one)
    (origin,) = witness.logs
    size, _ = witness.heads[origin]
    witness.heads[origin] = size, b"x" * 32
    grow(tenant)
    assert not give(platform, one)
    assert "did not grow out of" in place(platform, one).contradiction


@pytest.mark.parametrize(
    "reply",
    [
        (500, {}, b""), (200, {}, b""), (200, {}, b"\xff\xfe"), (200, {}, b"x" * 65_000), (409, {}, b"many\n"),
        (302, {"Location": "https://169.254.169.254/"}, b""), (403, {}, b""), (404, {}, b""),
    ],
)  # fmt: skip
def test_a_witness_that_talks_nonsense_is_a_trouble_that_passes(platform, tenant_and_grow, receiver, witness, reply):
    tenant, grow = tenant_and_grow
    grow(tenant)
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    receiver.reply = lambda _: reply
    assert not give(platform, one)
    row = place(platform, one)
    assert (row.failures, row.contradiction, row.held_at) == (1, "", None)
    assert row.trouble
    receiver.reply = lambda heard: witness.answer(heard.body)
    assert give(platform, one)
    assert (place(platform, one).failures, place(platform, one).trouble) == (0, "")


def test_another_witness_line_is_none_of_this_ones(platform, tenant, receiver, witness, grow):
    grow(tenant)
    liar = Witness(witness.name)
    liar.logs = witness.logs
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    receiver.reply = lambda heard: liar.answer(heard.body)
    assert not give(platform, one)
    assert "Expected a cosignature" in place(platform, one).trouble
    line = witness._cosign("another text\n")
    receiver.reply = lambda _: (200, {}, line)
    assert not give(platform, one)
    assert "is not right" in place(platform, one).trouble


def test_a_time_authority_stamps_the_head(platform, tenant, receiver, stamper, grow):
    receiver.reply = lambda heard: (200, {}, stamper.answer(heard.body))
    grow(tenant)
    one = added(platform, flows.add_time_stamp, url=receiver.url, authority=stamper.root)
    assert give(platform, one), place(platform, one).trouble
    with scoped(platform):
        receipt = selectors.newest_receipt(platform, one)
    assert stamper.holds(bytes(receipt.note), bytes(receipt.receipt))
    assert not stamper.holds(b"another" + bytes(receipt.note), bytes(receipt.receipt))


def test_a_stamp_of_something_else_or_by_somebody_else_is_none(platform, tenant_and_grow, receiver, stamper, tmp_path):
    tenant, grow = tenant_and_grow
    grow(tenant)
    one = added(platform, flows.add_time_stamp, url=receiver.url, authority=stamper.root)
    kept = []

    def stamp(heard):
        kept.append(stamper.answer(heard.body))
        return 200, {}, kept[0]

    receiver.reply = stamp
    assert give(platform, one)
    grow(tenant)
    assert not give(platform, one), "an old answer, sent again"
    assert "no stamp of this head" in place(platform, one).trouble
    other = TimeAuthority(tmp_path / "other")
    receiver.reply = lambda heard: (200, {}, other.answer(heard.body))
    assert not give(platform, one)
    receiver.reply = lambda _: (200, {}, b"nonsense")
    assert not give(platform, one)
    assert place(platform, one).failures == 3


def test_a_tenants_webhook_gets_its_own_heads_signed(tenant, receiver, grow):
    grow(tenant)
    with scoped(tenant):
        made = flows.add_webhook(scope=tenant, url=f"{receiver.url}?team=sec")
    assert give(tenant, made.id)
    (heard,) = receiver.heard
    assert heard.path == "/hook?team=sec"
    said = json.loads(heard.body)
    assert said["type"] == "log.checkpoint"
    assert said["data"]["origin"].endswith(f"/tenant/{tenant.tenant}")
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    headers = {name.lower(): value for name, value in heard.headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + heard.body
    expected = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_a_tenants_mailbox_gets_its_own_heads(tenant, grow):
    from django.core import mail
    from django.test import override_settings

    grow(tenant)
    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        assert give(tenant, added(tenant, flows.add_mail, email="keeper@example.com"))
    (sent,) = mail.outbox
    assert f"/tenant/{tenant.tenant}" in sent.body
    assert sent.to == ["keeper@example.com"]


def test_places_are_the_tenants_own(tenant, receiver):
    one = added(tenant, flows.add_webhook, url=receiver.url)
    other = factories.scope_of(factories.make_tenant(), "owner")
    with scoped(other):
        assert not selectors.places(other).exists()
        with pytest.raises(NotFound):
            selectors.place(other, one)
    viewer = factories.scope_of(tenant.tenant, "viewer")
    with scoped(viewer):
        for act in (
            lambda: selectors.places(viewer),
            lambda: flows.add_webhook(scope=viewer, url=receiver.url),
            lambda: flows.end_place(scope=viewer, place_id=one),
        ):
            with pytest.raises(Denied):
                act()


def test_witnesses_are_the_platforms(tenant, receiver, witness):
    with scoped(tenant):
        with pytest.raises(Denied):
            flows.add_witness(scope=tenant, url=receiver.url, key=witness.text)
        with pytest.raises(Denied):
            flows.add_time_stamp(scope=tenant, url=receiver.url, authority="x")


@pytest.mark.parametrize(
    ("how", "what"),
    [
        (flows.add_witness, {"url": "https://localhost/", "key": "nonsense"}),
        (flows.add_witness, {"url": "https://localhost/", "key": "name+00000000+AAAA"}),
        (flows.add_time_stamp, {"url": "https://localhost/", "authority": "no certificate"}),
        (flows.add_mail, {"email": "nobody"}),
        (flows.add_mail, {"email": "a b@example.com"}),
    ],
)
def test_what_cant_be_used_is_refused_with_what_was_expected(platform, how, what):
    with scoped(platform), pytest.raises(Invalid) as caught:
        how(scope=platform, **what)
    assert caught.value.problems


def test_who_is_due(platform, tenant, receiver, grow, monkeypatch):
    grow(tenant)
    one = added(tenant, flows.add_webhook, url=receiver.url)

    def is_due(**later) -> bool:
        moment = clock.now() + timedelta(**later)
        with scoped(platform), monkeypatch.context() as moved:
            moved.setattr(selectors, "now", lambda: moment)
            return (tenant.tenant, one) in selectors.due()

    assert is_due()
    assert give(tenant, one)
    assert not is_due()
    assert is_due(hours=1, seconds=5)
    receiver.reply = lambda _: (503, {}, b"")
    grow(tenant)
    for pause in (60, 120, 240):
        assert not give(tenant, one)
        assert not is_due(seconds=pause - 5)
        assert is_due(seconds=pause + 5)


def test_the_worker_gives_everybody_what_is_due_whatever_one_of_them_does(platform, tenant, receiver, witness, grow):
    grow(tenant)
    first = added(tenant, flows.add_webhook, url=receiver.url)
    second = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    receiver.reply = lambda heard: witness.answer(heard.body) if b"old " in heard.body[:5] else (500, {}, b"")
    assert flows.give_due() == 1
    assert place(tenant, first).failures == 1
    assert place(platform, second).held_at is not None


def test_the_window_is_told_honestly(platform, tenant_and_grow, receiver, witness, monkeypatch):
    tenant, grow = tenant_and_grow
    grow(tenant)
    with scoped(tenant):
        assert "Nobody outside holds a head" in selectors.window(tenant).sentence
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    with scoped(tenant):
        assert selectors.window(tenant).seconds is None
    assert give(platform, one)
    later = clock.now() + timedelta(minutes=10)
    monkeypatch.setattr(selectors, "now", lambda: later)
    for scope in (platform, tenant):  # the platform's witness holds every log
        with scoped(scope):
            found = selectors.window(scope)
            assert 590 < found.seconds < 680
            assert found.outside == ["a witness"]
            assert "rewrite at most the last 1" in found.sentence


def test_an_ended_place_gets_nothing_more_and_its_receipts_stay(
    platform, tenant_and_grow, receiver, witness, superuser
):
    tenant, grow = tenant_and_grow
    grow(tenant)
    one = added(platform, flows.add_witness, url=receiver.url, key=witness.text)
    assert give(platform, one)
    with scoped(platform):
        flows.end_place(scope=platform, place_id=one)
        flows.end_place(scope=platform, place_id=one)
        assert selectors.newest_receipt(platform, one)
    grow(tenant)
    assert not give(platform, one)
    with pytest.raises(Exception, match="append-only"):
        superuser.execute("delete from anchors_receipt")


def test_nothing_sealed_for_sending_is_in_the_database_in_clear(tenant, receiver, superuser):
    with scoped(tenant):
        made = flows.add_webhook(scope=tenant, url=f"{receiver.url}?token=hunter2hunter2")
    row = superuser.execute("select p::text from anchors_place p where id = %s", [made.id]).fetchone()[0]
    assert "hunter2" not in row
    assert made.secret not in row
