"""The default key store: a folder of sealed files."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from safehold.foundation.keys import files
from safehold.foundation.keys.conf import CACHE_SECONDS
from safehold.foundation.keys.errors import KeyRingMismatch, KeysDestroyed, KeysMissing, RootKeyUnusable
from safehold.foundation.keys.filestore import FileKeyStore
from safehold.foundation.keys.store import KeyStore, Wrapped
from safehold.kernel.errors import Tampered

ROOT = bytes(range(32))


class Clock:
    """Monotonic seconds that stand still until moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def store_in(folder: Path, environment: str = "test", root: bytes = ROOT, clock: Clock | None = None) -> FileKeyStore:
    return FileKeyStore(folder / environment, environment, lambda _: bytearray(root), monotonic=clock or Clock())


@pytest.fixture
def store(tmp_path: Path) -> FileKeyStore:
    return store_in(tmp_path / "keys")


@pytest.fixture
def tenant(store: FileKeyStore) -> UUID:
    tenant_id = uuid4()
    store.create(tenant_id)
    return tenant_id


def wrap(store: KeyStore, tenant_id: UUID, key: bytes = b"k" * 32, context: bytes = b"c") -> Wrapped:
    return store.wrap(tenant_id, [(key, context)])[0]


def unwrap(store: KeyStore, tenant_id: UUID, wrapped: Wrapped, context: bytes = b"c") -> bytes:
    return store.unwrap(tenant_id, [(wrapped, context)])[0]


def test_what_is_wrapped_unwraps_in_this_process_and_the_next(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    wrapped = wrap(store, tenant)
    assert wrapped.version == 1
    assert unwrap(store, tenant, wrapped) == b"k" * 32
    assert unwrap(store_in(tmp_path / "keys"), tenant, wrapped) == b"k" * 32


def test_many_are_wrapped_at_once(store: FileKeyStore, tenant: UUID):
    keys = [(bytes([number]) * 32, bytes([number])) for number in range(10)]
    wrapped = store.wrap(tenant, keys)
    contexts = [context for _, context in keys]
    assert store.unwrap(tenant, list(zip(wrapped, contexts, strict=True))) == [key for key, _ in keys]
    assert store.wrap(tenant, []) == store.unwrap(tenant, []) == []


def test_another_context_tenant_or_version_is_refused(store: FileKeyStore, tenant: UUID):
    other = uuid4()
    store.create(other)
    wrapped = wrap(store, tenant)
    store.rotate(tenant)
    for owner, moved, context in [
        (tenant, wrapped, b"d"),
        (other, wrapped, b"c"),
        (tenant, Wrapped(2, wrapped.blob), b"c"),
        (tenant, Wrapped(3, wrapped.blob), b"c"),
        (tenant, Wrapped(1, wrapped.blob[:-1]), b"c"),
    ]:
        with pytest.raises(Tampered):
            unwrap(store, owner, moved, context)


def test_files_are_private_and_hold_nothing_in_clear(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    folder = tmp_path / "keys" / "test"
    assert sorted(path.name for path in folder.iterdir()) == sorted([".lock", "ring.json", f"{tenant}.json"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = path.read_bytes()
        assert ROOT not in content
        assert ROOT.hex().encode() not in content


def test_creating_again_keeps_the_key(store: FileKeyStore, tenant: UUID):
    wrapped = wrap(store, tenant)
    assert store.create(tenant) == 1
    store.rotate(tenant)
    assert store.create(tenant) == 2
    assert unwrap(store, tenant, wrapped)


def test_rotation_wraps_anew_and_still_unwraps_the_old(store: FileKeyStore, tenant: UUID):
    old = wrap(store, tenant)
    assert store.rotate(tenant) == 2
    new = wrap(store, tenant)
    assert (old.version, new.version) == (1, 2)
    assert unwrap(store, tenant, old) == unwrap(store, tenant, new)
    assert [version.number for version in store.versions(tenant)] == [1, 2]


def test_another_process_rotates(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    wrap(store, tenant)
    elsewhere = store_in(tmp_path / "keys")
    elsewhere.rotate(tenant)
    assert unwrap(store, tenant, wrap(elsewhere, tenant)) == b"k" * 32


def test_trimmed_versions_are_gone(store: FileKeyStore, tenant: UUID):
    old = wrap(store, tenant)
    store.rotate(tenant)
    new = wrap(store, tenant)
    store.trim(tenant, 2)
    with pytest.raises(KeysDestroyed):
        unwrap(store, tenant, old)
    store.trim(tenant, 99)
    assert unwrap(store, tenant, new)
    assert [version.number for version in store.versions(tenant)] == [2]
    assert store.rotate(tenant) == 3


def test_a_destroyed_key_is_gone_for_good(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    wrapped, path = wrap(store, tenant), tmp_path / "keys" / "test" / f"{tenant}.json"
    sealed = json.loads(path.read_bytes())["versions"][0]["sealed"]
    store.destroy(tenant)
    for act in (
        lambda: unwrap(store, tenant, wrapped),
        lambda: wrap(store, tenant),
        lambda: store.create(tenant),
        lambda: store.rotate(tenant),
        lambda: store.destroy(tenant),
    ):
        with pytest.raises(KeysDestroyed):
            act()
    assert sealed not in path.read_text()
    assert "destroyed_at" in path.read_text()
    assert store.versions(tenant) == store.tenants() == []


def test_a_scratch_key_leaves_no_word(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    store.destroy(tenant, leave_word=False)
    assert not (tmp_path / "keys" / "test" / f"{tenant}.json").exists()
    with pytest.raises(KeysMissing):
        wrap(store, tenant)


def test_another_process_uses_a_destroyed_key_until_its_time_is_up(tmp_path: Path):
    clock, tenant_id = Clock(), uuid4()
    here, there = store_in(tmp_path / "keys", clock=clock), store_in(tmp_path / "keys")
    here.create(tenant_id)
    wrapped = wrap(here, tenant_id)
    there.destroy(tenant_id)
    clock.now = CACHE_SECONDS - 1
    assert unwrap(here, tenant_id, wrapped)
    clock.now = CACHE_SECONDS
    with pytest.raises(KeysDestroyed):
        unwrap(here, tenant_id, wrapped)


def test_a_tenant_without_a_key_says_so(store: FileKeyStore):
    stranger = uuid4()
    assert store.versions(stranger) == []
    for act in (lambda: wrap(store, stranger), lambda: store.rotate(stranger), lambda: store.destroy(stranger)):
        with pytest.raises(KeysMissing, match=str(stranger)):
            act()


def test_tenants_are_listed(store: FileKeyStore, tenant: UUID):
    other = UUID(int=0)
    store.create(other)
    store.platform_keys()
    assert store.tenants() == sorted([other, tenant])


def test_a_file_under_another_tenants_name_does_not_open(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    folder, other = tmp_path / "keys" / "test", uuid4()
    (folder / f"{other}.json").write_bytes((folder / f"{tenant}.json").read_bytes())
    with pytest.raises(Tampered):
        wrap(store, other)


@pytest.mark.parametrize("name", ["tenant", "ring"])
def test_a_file_of_another_format_is_refused(store: FileKeyStore, tenant: UUID, tmp_path: Path, name: str):
    path = tmp_path / "keys" / "test" / ("ring.json" if name == "ring" else f"{tenant}.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": "safehold/99"}))
    with pytest.raises(Tampered):
        wrap(store_in(tmp_path / "keys"), tenant)


def test_another_root_key_says_so(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    with pytest.raises(RootKeyUnusable, match="doesn't fit"):
        wrap(store_in(tmp_path / "keys", root=bytes(32)), tenant)


def test_another_environment_gets_a_clear_refusal(store: FileKeyStore, tenant: UUID, tmp_path: Path):
    staging = store_in(tmp_path / "keys", "staging")
    with pytest.raises(KeyRingMismatch, match="for the environment test, not for staging") as refusal:
        staging.create(tenant)
    assert "a home of its own" in refusal.value.hint


def test_a_renamed_ring_is_refused_by_its_label_and_then_by_arithmetic(
    store: FileKeyStore, tenant: UUID, tmp_path: Path
):
    (tmp_path / "keys" / "test").rename(tmp_path / "keys" / "staging")
    with pytest.raises(KeyRingMismatch, match="for the environment test, not for staging"):
        wrap(store_in(tmp_path / "keys", "staging"), tenant)
    label = tmp_path / "keys" / "staging" / "ring.json"
    label.write_text(label.read_text().replace('"test"', '"staging"'))
    with pytest.raises(RootKeyUnusable):
        wrap(store_in(tmp_path / "keys", "staging"), tenant)


@pytest.mark.parametrize("environment", ["", "Production", "../test", "a" * 64])
def test_a_name_that_is_no_environments_is_refused(tmp_path: Path, environment: str):
    with pytest.raises(KeyRingMismatch, match="lower-case letters"):
        FileKeyStore(tmp_path, environment, lambda _: bytearray(ROOT)).create(uuid4())


def test_the_root_keys_bytes_are_wiped_after_use(tmp_path: Path):
    given: list[bytearray] = []

    def root(salt: bytes) -> bytearray:
        given.append(bytearray(ROOT))
        return given[-1]

    FileKeyStore(tmp_path / "test", "test", root).create(uuid4())
    assert given
    assert all(key == bytearray(32) for key in given)


def test_the_platforms_document_changes_as_a_whole(store: FileKeyStore):
    assert store.platform_keys() == b""
    assert store.change_platform_keys(lambda document: document) == b""
    threads = [
        threading.Thread(target=store.change_platform_keys, args=(lambda document: document + b"x",)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.platform_keys() == b"x" * 8


def test_many_processes_create_one_key(tmp_path: Path):
    tenant_id, versions = uuid4(), []
    stores = [store_in(tmp_path / "keys") for _ in range(8)]
    threads = [threading.Thread(target=lambda s=s: versions.append(s.create(tenant_id))) for s in stores]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions == [1] * 8
    assert unwrap(stores[0], tenant_id, wrap(stores[7], tenant_id)) == b"k" * 32


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "file"
    files.write(path, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            files.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    assert files.write_once(path, b"new") is False
    assert path.read_bytes() == b"old"


def test_no_repr_shows_a_key(store: FileKeyStore, tenant: UUID):
    wrap(store, tenant)
    shown = repr(vars(store))
    assert ROOT.hex() not in shown
    assert repr(ROOT)[2:-1] not in shown
