"""What every key store does, tried on each: the folder of sealed files, and a real OpenBao server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from safehold.foundation.keys.baostore import BATCH, BaoKeyStore
from safehold.foundation.keys.errors import KeysDestroyed, KeysMissing
from safehold.foundation.keys.filestore import FileKeyStore
from safehold.foundation.keys.store import KeyStore, Wrapped
from safehold.kernel.errors import SafeholdError, Tampered
from support.openbao import Bao, running_bao

KEY, CONTEXT = b"k" * 32, b"context"


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bao]:
    with running_bao(tmp_path_factory.mktemp("bao")) as made:
        yield made


@pytest.fixture(params=["files", "openbao"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> KeyStore:
    if request.param == "files":
        return FileKeyStore(tmp_path / "test", "test", lambda _: bytearray(range(32)))
    bao: Bao = request.getfixturevalue("bao")
    return BaoKeyStore(bao.client(), "test")


@pytest.fixture
def tenant(store: KeyStore) -> UUID:
    made = uuid4()
    assert store.create(made) == 1
    return made


def wrap(store: KeyStore, tenant: UUID, key: bytes = KEY, context: bytes = CONTEXT) -> Wrapped:
    return store.wrap(tenant, [(key, context)])[0]


def unwrap(store: KeyStore, tenant: UUID, wrapped: Wrapped, context: bytes = CONTEXT) -> bytes:
    return store.unwrap(tenant, [(wrapped, context)])[0]


def test_what_is_wrapped_unwraps(store, tenant):
    wrapped = wrap(store, tenant)
    assert wrapped.version == 1
    assert KEY not in wrapped.blob
    assert unwrap(store, tenant, wrapped) == KEY
    assert store.create(tenant) == 1
    assert unwrap(store, tenant, wrapped) == KEY


def test_many_at_once_keep_their_order(store, tenant):
    keys = [(number.to_bytes(32, "big"), str(number).encode()) for number in range(2 * BATCH + 7)]
    wrapped = store.wrap(tenant, keys)
    assert [len(one.blob) for one in wrapped] == [len(wrapped[0].blob)] * len(keys)
    contexts = [context for _, context in keys]
    assert store.unwrap(tenant, list(zip(wrapped, contexts, strict=True))) == [key for key, _ in keys]
    assert store.wrap(tenant, []) == store.unwrap(tenant, []) == []


def test_it_opens_for_its_context_and_tenant_alone(store, tenant):
    wrapped, other = wrap(store, tenant), uuid4()
    store.create(other)
    wrong = Wrapped(wrapped.version, wrapped.blob[:-1] + bytes([wrapped.blob[-1] ^ 1]))
    for whose, blob, context in (
        (tenant, wrapped, b"another"),
        (other, wrapped, CONTEXT),
        (tenant, wrong, CONTEXT),
        (tenant, Wrapped(7, wrapped.blob), CONTEXT),
        (tenant, Wrapped(1, b""), CONTEXT),
    ):
        with pytest.raises(Tampered) as caught:
            unwrap(store, whose, blob, context)
        assert caught.value.message == Tampered().message
    # One that doesn't open refuses them all, and says nothing of the others.
    with pytest.raises(Tampered) as caught:
        store.unwrap(tenant, [(wrapped, CONTEXT), (wrong, CONTEXT)])
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_rotation_wraps_anew_and_goes_on_unwrapping(store, tenant):
    old = wrap(store, tenant)
    assert store.rotate(tenant) == 2
    new = wrap(store, tenant)
    assert (new.version, unwrap(store, tenant, old), unwrap(store, tenant, new)) == (2, KEY, KEY)
    versions = store.versions(tenant)
    assert [version.number for version in versions] == [1, 2]
    assert versions[0].created_at.tzinfo is not None


def test_trimming_raises_the_floor_for_good(store, tenant):
    old = wrap(store, tenant)
    store.rotate(tenant)
    new = wrap(store, tenant)
    store.trim(tenant, 2)
    with pytest.raises(KeysDestroyed):
        unwrap(store, tenant, old)
    assert unwrap(store, tenant, new) == KEY
    assert [version.number for version in store.versions(tenant)] == [2]
    store.trim(tenant, 9)  # the newest stays
    assert unwrap(store, tenant, new) == KEY
    assert store.rotate(tenant) == 3


def test_a_destroyed_key_is_gone_and_never_made_again(store, tenant):
    wrapped = wrap(store, tenant)
    store.destroy(tenant)
    for use in (
        lambda: unwrap(store, tenant, wrapped),
        lambda: wrap(store, tenant),
        lambda: store.create(tenant),
        lambda: store.rotate(tenant),
        lambda: store.destroy(tenant),
    ):
        with pytest.raises(KeysDestroyed):
            use()
    assert store.versions(tenant) == []
    assert tenant not in store.tenants()


def test_a_scratch_key_leaves_no_word(store):
    scratch = uuid4()
    store.create(scratch)
    store.destroy(scratch, leave_word=False)
    assert store.create(scratch) == 1


def test_where_there_is_no_key_it_says_so(store):
    nobody = uuid4()
    for use in (
        lambda: wrap(store, nobody),
        lambda: unwrap(store, nobody, Wrapped(1, bytes(60))),
        lambda: store.rotate(nobody),
        lambda: store.trim(nobody, 1),
        lambda: store.destroy(nobody),
    ):
        with pytest.raises(KeysMissing, match=str(nobody)):
            use()
    assert store.versions(nobody) == []
    assert nobody not in store.tenants()


def test_tenants_are_those_with_a_key(store, tenant):
    other = uuid4()
    store.create(other)
    assert {tenant, other} <= set(store.tenants())


def test_the_platforms_document_is_changed_by_one_at_a_time(store):
    start = store.platform_keys()
    store.change_platform_keys(lambda _: b"")
    assert store.platform_keys() == b""

    def count() -> None:
        for _ in range(5):
            store.change_platform_keys(lambda said: str(int(said or b"0") + 1).encode())

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.platform_keys() == b"15"
    store.change_platform_keys(lambda _: start)


def test_nothing_that_is_secret_is_in_an_error_or_a_repr(store, tenant):
    wrapped = wrap(store, tenant, b"an unmistakable key of 32 bytes!")
    wrong = Wrapped(1, bytes(60))
    try:
        store.unwrap(tenant, [(wrapped, CONTEXT), (wrong, CONTEXT)])
    except SafeholdError as error:
        said: list[str] = []
        at: BaseException | None = error
        while at is not None:
            said += [repr(at), str(at), *map(str, at.args)]
            at = at.__context__
        assert not any("unmistakable" in text or "dW5taXN0YWthYmxl" in text or "YW4gdW5taXN0" in text for text in said)
    else:
        pytest.fail("it opened")
    assert "unmistakable" not in repr(store)
