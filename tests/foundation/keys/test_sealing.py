"""Sealing in the open transaction: races, roll-backs, and the walls between tenants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from factories import make_tenant, system
from safehold.foundation.keys import blind, flows, ring, sealing, usage
from safehold.foundation.keys.conf import Purpose
from safehold.foundation.keys.errors import Erased
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.models import DataKey
from safehold.foundation.keys.sealing import Place
from safehold.foundation.keys.storage import storage_of
from safehold.foundation.scope.errors import NoScope
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import run_apart, scoped
from safehold.kernel.errors import Conflict, Denied, Tampered
from safehold.kernel.ids import PLATFORM
from safehold.kernel.installation import Installation

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def tenant(installation: Installation) -> UUID:
    return make_tenant().id


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    ring.cache.clear()
    yield
    ring.cache.clear()


def place(tenant_id: UUID, row: object = 1) -> Place:
    return Place(tenant_id, "records_value", "name", str(row))


def test_what_is_sealed_opens_in_a_later_transaction(tenant: UUID):
    with scoped(system(tenant)):
        sealed = sealing.seal(place(tenant), b"value")
    ring.cache.clear()
    with scoped(system(tenant)):
        assert sealing.open_sealed(place(tenant), sealed) == b"value"
        assert sealing.open_sealed(place(tenant), memoryview(sealed)) == b"value"


def test_many_are_sealed_and_opened_in_order(tenant: UUID):
    values = [(place(tenant, row), f"value {row}".encode()) for row in range(50)]
    with scoped(system(tenant)):
        fields, events = sealing.seal_many(values[:25]), sealing.seal_many(values[25:], purpose=Purpose.EVENT)
        mixed = [(where, sealed) for (where, _), sealed in zip(values, fields + events, strict=True)]
        assert sealing.open_many(mixed[::-1]) == [value for _, value in values[::-1]]
        assert sealing.seal_many([]) == sealing.open_many([]) == []


def test_one_that_does_not_open_refuses_all(tenant: UUID):
    with scoped(system(tenant)):
        good, moved = sealing.seal(place(tenant, 1), b"a"), sealing.seal(place(tenant, 2), b"b")
        with pytest.raises(Tampered):
            sealing.open_many([(place(tenant, 1), good), (place(tenant, 3), moved)])


def test_another_tenants_value_does_not_open_even_with_its_key_in_memory(tenant: UUID):
    other = make_tenant().id
    with scoped(system(other)):
        sealed = sealing.seal(place(other), b"theirs")
    with scoped(system(tenant)):
        with pytest.raises(Denied):
            sealing.open_sealed(place(other), sealed)
        with pytest.raises(Tampered):
            sealing.open_sealed(place(tenant), sealed)
        with pytest.raises(Denied):
            sealing.seal(place(other), b"mine")
        with pytest.raises(Denied):
            blind.tokens(other, uuid4(), ["x"])


def test_outside_a_scope_nothing_of_a_tenants_is_sealed_or_opened(tenant: UUID):
    with scoped(system(tenant)):
        sealed = sealing.seal(place(tenant), b"value")
    with pytest.raises(NoScope):
        sealing.open_sealed(place(tenant), sealed)
    with pytest.raises(NoScope):
        sealing.seal(place(tenant), b"value")


def test_the_platforms_keys_serve_every_scope_and_none(tenant: UUID):
    sealed = sealing.seal(place(PLATFORM), b"seed")
    ring.cache.clear()
    for scope in (system(tenant), Scope(Kind.SIGN_IN, actor="system:test"), Scope(Kind.PLATFORM, actor="system:test")):
        with scoped(scope):
            assert sealing.open_sealed(place(PLATFORM), sealed) == b"seed"
            assert sealing.open_sealed(place(PLATFORM), sealing.seal(place(PLATFORM), b"x")) == b"x"
    assert sealing.open_sealed(place(PLATFORM), sealed) == b"seed"
    with scoped(Scope(Kind.PLATFORM, actor="system:test")):
        active = [key for key in storage_of(PLATFORM).all(PLATFORM) if key.retired_at is None]
    assert len({(key.purpose, key.subject) for key in active}) == len(active)


def test_the_platforms_keys_of_subjects_serve_outside_tenants_only(tenant: UUID):
    subject = f"account:{uuid4()}"
    for kind in (Kind.SIGN_IN, Kind.ACCOUNT, Kind.PLATFORM):
        with scoped(Scope(kind, actor="system:test", account_id=uuid4() if kind is Kind.ACCOUNT else None)):
            sealed = sealing.seal(place(PLATFORM), b"x", subject=subject)
            ring.cache.clear()
            assert sealing.open_sealed(place(PLATFORM), sealed) == b"x"
    ring.cache.clear()
    with scoped(system(tenant)), pytest.raises(Tampered):
        sealing.open_sealed(place(PLATFORM), sealed)
    with scoped(system(tenant)), pytest.raises(DatabaseError):
        sealing.seal(place(PLATFORM), b"x", subject=f"account:{uuid4()}")


def test_tenants_may_be_mixed_with_the_platform(tenant: UUID):
    values = [(place(tenant), b"a"), (place(PLATFORM), b"b"), (place(tenant, 2), b"c")]
    with scoped(system(tenant)):
        sealed = sealing.seal_many(values)
        pairs = [(where, one) for (where, _), one in zip(values, sealed, strict=True)]
        assert sealing.open_many(pairs) == [b"a", b"b", b"c"]


def no_field_key(tenant: UUID) -> None:
    with scoped(system(tenant)):
        DataKey.objects.filter(tenant_id=tenant, purpose="field").delete()
    ring.cache.clear()


def test_a_key_made_in_a_rolled_back_transaction_seals_nothing_afterwards(tenant: UUID):
    no_field_key(tenant)
    with scoped(system(tenant)):
        sealing.seal(place(tenant), b"lost")
        lost = ring.active_key(tenant, Purpose.FIELD).id
        transaction.set_rollback(True)
    with scoped(system(tenant)):
        sealed = sealing.seal(place(tenant), b"kept")
    ring.cache.clear()
    with scoped(system(tenant)):
        assert sealing.open_sealed(place(tenant), sealed) == b"kept"
        assert not DataKey.objects.filter(id=lost).exists()


def test_a_key_made_in_a_rolled_back_savepoint_seals_nothing_afterwards(tenant: UUID):
    no_field_key(tenant)
    with scoped(system(tenant)):
        with transaction.atomic():
            sealing.seal(place(tenant), b"lost")
            transaction.set_rollback(True)
        sealed = sealing.seal(place(tenant), b"kept")
    ring.cache.clear()
    with scoped(system(tenant)):
        assert sealing.open_sealed(place(tenant), sealed) == b"kept"


def test_a_subjects_key_stays_whatever_becomes_of_the_transaction_that_needed_it_first(tenant: UUID):
    with scoped(system(tenant)):
        sealed = sealing.seal(place(tenant), b"kept", subject="member:1")
        transaction.set_rollback(True)
    ring.cache.clear()
    with scoped(system(tenant)):
        assert sealing.open_sealed(place(tenant), sealed) == b"kept"


def test_who_writes_apart_about_the_same_subject_doesnt_wait_for_the_open_transaction(tenant: UUID):
    def seal_apart() -> bytes:
        return sealing.seal(place(tenant, 2), b"apart", subject="member:1")

    with scoped(system(tenant)) as scope:
        sealing.seal(place(tenant), b"here", subject="member:1")
        ring.cache.clear()
        apart = run_apart(scope, seal_apart)
        assert sealing.open_sealed(place(tenant, 2), apart) == b"apart"


def test_a_destroyed_subject_is_erased_and_nobody_else_is(tenant: UUID):
    values = [(place(tenant, row), b"%d" % row) for row in range(3)]
    with scoped(system(tenant)):
        sealed = [sealing.seal(*values[row], subject=f"member:{row % 2}") for row in range(3)]
    with scoped(system(tenant)) as scope:
        assert flows.destroy_subject(scope=scope, subject="member:0") == 1
    with scoped(system(tenant)):
        places = [(where, one) for (where, _), one in zip(values, sealed, strict=True)]
        assert sealing.open_kept(places) == [None, b"1", None]
        with pytest.raises(Erased):
            sealing.open_sealed(*places[0])
        row = DataKey.objects.get(subject="member:0")
        assert bytes(row.wrapped) == b""
        assert row.destroyed_at is not None
        anew = sealing.seal(*values[0], subject="member:0")
        assert sealing.open_sealed(values[0][0], anew) == b"0"
        assert flows.rotate_tenant_key(scope=system(tenant)) == 2
        assert sealing.open_kept(places) == [None, b"1", None]


def test_a_settled_key_is_read_once(tenant: UUID, django_assert_reads):
    with scoped(system(tenant)):
        sealed = sealing.seal(place(tenant), b"value")
    with scoped(system(tenant)), django_assert_reads(0):
        sealing.seal(place(tenant), b"value")
        sealing.open_sealed(place(tenant), sealed)
        blind.commitment(PLATFORM, "account:1", "value")


def test_eight_threads_make_one_key(tenant: UUID):
    barrier, ids, failures = threading.Barrier(8), [], []

    def work() -> None:
        try:
            barrier.wait()
            with scoped(system(tenant)):
                ids.append(ring.active_key(tenant, Purpose.FIELD, "record:race").id)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(ids) == 8
    assert len(set(ids)) == 1


def test_two_processes_add_one_platform_key():
    purpose, storage = Purpose.FIELD, storage_of(PLATFORM)
    before = ring.active_key(PLATFORM, purpose).id
    storage.add(ring.new_keys(PLATFORM, [(purpose, "")])[0])
    active = storage.active(PLATFORM, purpose, "")
    assert active is not None
    assert active.id == before


def test_a_key_that_cannot_be_read_back_is_a_conflict(tenant: UUID, monkeypatch: pytest.MonkeyPatch):
    class Blind:
        def active(self, *_: object) -> None:
            return None

        def add(self, key: object) -> None:
            pass

    monkeypatch.setattr(ring, "storage_of", lambda _: Blind())
    with scoped(system(tenant)), pytest.raises(Conflict):
        sealing.seal(place(tenant), b"value")


def test_a_row_names_itself_without_its_key(tenant: UUID):
    with scoped(system(tenant)):
        row = DataKey.objects.get(purpose="field")
        assert str(row) == f"field key {row.id}"


def test_a_key_relabelled_in_the_database_does_not_unwrap(tenant: UUID, as_superuser):
    with scoped(system(tenant)):
        sealed = sealing.seal(place(tenant), b"value")
        index = ring.active_key(tenant, Purpose.INDEX).id
    ring.cache.clear()
    as_superuser(f"UPDATE keys_data_key SET retired_at = now() WHERE purpose = 'secret' AND tenant_id = '{tenant}'")  # noqa: S608
    as_superuser(f"UPDATE keys_data_key SET purpose = 'secret' WHERE id = '{index}'")  # noqa: S608
    with scoped(system(tenant)):
        with pytest.raises(Tampered):
            sealing.seal(place(tenant), b"value", purpose=Purpose.SECRET)
        assert sealing.open_sealed(place(tenant), sealed) == b"value"


def test_a_value_that_names_an_index_key_is_refused(tenant: UUID):
    with scoped(system(tenant)):
        sealed = sealing.seal(place(tenant), b"value")
        index = ring.active_key(tenant, Purpose.INDEX).id
        for forged in (index.bytes, uuid4().bytes):
            with pytest.raises(Tampered):
                sealing.open_sealed(place(tenant), sealed[:1] + forged + sealed[17:])


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(70), bytes(70)])
def test_what_is_no_sealed_field_is_refused(tenant: UUID, sealed: bytes):
    with scoped(system(tenant)), pytest.raises(Tampered):
        sealing.open_sealed(place(tenant), sealed)


def test_uses_are_counted_in_steps(tenant: UUID):
    with scoped(system(tenant)):
        values = [(place(tenant), b"")] * (usage.STEP - 1)
        sealing.seal_many(values)
        key = DataKey.objects.get(purpose="field", subject="")
        assert key.uses == 0
        sealing.seal_many(values)
        key.refresh_from_db()
        assert key.uses == 2 * len(values)


def test_counting_waits_for_nobody(tenant: UUID):
    with scoped(system(tenant)):
        live = ring.active_key(tenant, Purpose.FIELD)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with scoped(system(tenant)):
            DataKey.objects.select_for_update().get(id=live.id)
            held.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with scoped(system(tenant)):
        usage.count_uses(live, usage.STEP)
        assert live.unreported == usage.STEP
    done.set()
    holder.join()
    with scoped(system(tenant)):
        usage.count_uses(live, 1)
        assert DataKey.objects.get(id=live.id).uses == usage.STEP + 1


def test_tokens_are_of_one_field_and_tenant(tenant: UUID):
    field, other = uuid4(), make_tenant().id
    with scoped(system(tenant)):
        here = blind.tokens(tenant, field, ["Berlin", " berlin "])
        assert here[0] == here[1]
        assert blind.tokens(tenant, uuid4(), ["Berlin"]) != here[:1]
        assert blind.word_tokens(tenant, field, "Berlin") != here[:1]
        assert blind.word_tokens(tenant, field, "Am Berlin") == [
            *blind.word_tokens(tenant, field, "am"),
            *blind.word_tokens(tenant, field, "BERLIN"),
        ]
    ring.cache.clear()
    with scoped(system(tenant)):
        assert blind.tokens(tenant, field, ["BERLIN"]) == here[:1]
    with scoped(system(other)):
        assert blind.tokens(other, field, ["Berlin"]) != here[:1]


def test_commitments_are_of_one_subject(tenant: UUID):
    with scoped(system(tenant)):
        one = blind.commitment(tenant, "member:1", "a@example.com")
        assert len(one) == 32
        assert blind.commitment(tenant, "member:1", "a@example.com") == one
        assert blind.commitment(tenant, "member:2", "a@example.com") != one
        assert blind.commitment(tenant, "member:1", "b@example.com") != one
        platform = blind.commitment(PLATFORM, "member:1", "a@example.com")
        assert platform not in {one, blind.commitment(PLATFORM, "member:2", "a@example.com")}


def test_without_its_key_in_the_store_a_tenant_seals_nothing(installation: Installation):
    stranger = uuid4()
    scope = Scope(Kind.TENANT, actor="system:test", tenant_id=stranger)
    from safehold.foundation.keys.errors import KeysMissing

    with scoped(scope), pytest.raises(KeysMissing):
        sealing.seal(place(stranger), b"value")
    assert stranger not in current_store().tenants()
