"""Stores: whose they are, how they fail, and that a bucket answers like a folder."""

from __future__ import annotations

import dataclasses
import errno
import json
from pathlib import Path

import pytest
from django.test import override_settings
from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from safehold.foundation.objects import checks, stores
from safehold.foundation.objects.errors import FileLost, StoreFull, StoreMismatch, StoreUnusable
from safehold.foundation.objects.installed import store_of
from safehold.foundation.objects.stores import FolderStore, Store, claim
from safehold.foundation.scope.clock import new_id
from safehold.kernel.installation import Installation

FULL = """Generic LocalFileSystem error: Unable to copy data to file: No space left on device (os error 28)

Debug source:
Generic { store: "LocalFileSystem", source: UnableToCopyDataToFile { source: Os { code: 28, kind: StorageFull } } }"""


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return FolderStore(tmp_path / "objects") if request.param == "folder" else Store(MemoryStore())


def test_what_is_put_is_read_listed_and_removed(store: Store):
    tenant, name = str(new_id()), str(new_id())
    path = f"{tenant}/{name}"
    store.put(path, [b"0123", b"", b"456789"])
    assert store.size(path) == 10
    assert b"".join(store.read(path, 2, 6)) == b"2345"
    assert store.prefixes() == [tenant]
    (found,) = store.files(tenant)
    assert (found.name, found.size, found.is_whole, str(found.object_id)) == (name, 10, True, name)
    store.remove(path)
    store.remove(path)
    assert list(store.files(tenant)) == []
    for way in (lambda: store.size(path), lambda: store.read(path, 0, 1)):
        with pytest.raises(FileLost):
            way()


def test_what_stops_midway_leaves_nothing(store: Store):
    def pieces():
        yield bytes(9 << 20)
        raise KeyError

    with pytest.raises(KeyError):
        store.put("tenant/file", pieces())
    assert list(store.files("tenant")) == []


def test_a_store_is_marked_once_and_serves_its_environment_alone(store: Store):
    claim(store, "staging")
    claim(store, "staging")
    with pytest.raises(StoreMismatch) as refused:
        claim(store, "production")
    assert "belong to the environment staging, but the settings say production" in refused.value.message
    assert json.loads(store.marker() or b"") == {"format": "safehold-objects/1", "environment": "staging"}


def test_files_that_do_not_say_whose_they_are_are_left_alone(store: Store):
    store.put("tenant/file", [b"x"])
    with pytest.raises(StoreMismatch) as refused:
        claim(store, "production")
    assert "doesn't say" in refused.value.message
    assert store.marker() is None


@pytest.mark.parametrize("marker", [b"", b"[]", b"{}", b'{"format": "other/1", "environment": "test"}', b"\xff"])
def test_a_marker_that_cannot_be_read_is_refused(store: Store, marker: bytes):
    store.mark(marker)
    with pytest.raises(StoreMismatch, match="can't be read"):
        claim(store, "test")


@pytest.mark.parametrize("name", ["not-an-id", "0" * 32, "01931FBC-7C00-7000-8000-00000000002A"])
def test_a_name_that_is_no_id_is_no_objects(tmp_path: Path, name: str):
    store = FolderStore(tmp_path)
    store.put(f"tenant/{name}", [b""])
    (found,) = store.files("tenant")
    assert found.object_id is None


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (GenericError(FULL), StoreFull),
        (GenericError("Generic S3 error: 503 Slow Down"), StoreUnusable),
        (OSError(errno.ENOSPC, "No space left on device"), StoreFull),
        (PermissionError(errno.EACCES, "denied", "/srv/secret-place"), StoreUnusable),
    ],
    ids=["full", "away", "full folder", "closed folder"],
)
def test_failures_are_told_in_plain_words(failure: Exception, told: type[Exception]):
    with pytest.raises(told) as refused, stores._plainly():
        raise failure
    assert "/srv" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnusable) as refused:
        FolderStore(tmp_path / "file")
    assert "objects_folder" in refused.value.hint


@pytest.mark.usefixtures("installation")
def test_start_up_refuses_another_environments_store(installation: Installation):
    assert checks.store_is_ours() == []
    with override_settings(SAFEHOLD=dataclasses.replace(installation, environment="staging")):
        (message,) = checks.store_is_ours()
    assert message.id == "objects.E001"
    assert "belong to the environment test" in message.msg


@pytest.mark.usefixtures("installation")
def test_a_folder_that_is_not_there_yet_is_fine_and_not_made_by_asking(installation: Installation, tmp_path: Path):
    elsewhere = dataclasses.replace(installation, objects_folder=tmp_path / "objects")
    with override_settings(SAFEHOLD=elsewhere):
        assert checks.store_is_ours() == []
    assert not (tmp_path / "objects").exists()
    store_of(elsewhere).put("tenant/file", [b"x"])
    assert (tmp_path / "objects" / "environment.json").exists()
    assert (tmp_path / "objects" / "tenant" / "file").read_bytes() == b"x"
