"""Heads in the store of files: kept beside each other, compared with the log, and counted only where that is honest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from safehold.foundation.anchors import flows, selectors
from safehold.foundation.anchors.conf import Kind
from safehold.foundation.anchors.models import Place
from safehold.foundation.audit import selectors as audit
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.stores import FolderStore
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import LOGS
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.errors import Denied
from safehold.kernel.installation import Installation
from safehold.kernel.note import sign as sign_note

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def kept(platform: Scope, superuser: Any) -> UUID:
    """The place of the store, as on the first day."""
    with scoped(platform):
        flows.add_object_store(scope=platform)
    superuser.execute(
        "update anchors_place set ended_at = null, size = 0, held_at = null, failures = 0, trouble = '',"
        " contradiction = '', tried_at = null where kind = 'object-store'"
    )
    for name in current_store().heads():
        current_store().remove(f"heads/{name}.checkpoint")
    with scoped(platform):
        return Place.objects.get(tenant_id=platform.log_id, kind="object-store").id


def row(scope: Scope, place_id: UUID) -> Place:
    with scoped(scope):
        return selectors.place(scope, place_id)


def test_heads_are_kept_beside_each_other(platform, tenant, grow, kept, installation):
    for _ in range(2):
        grow(tenant)
        assert flows.give(scope=platform, place_id=kept)
    names = sorted(current_store().heads())
    assert len(names) == 2
    notes = [open_checkpoint(current_store().read_head(name).decode(), published_keys(installation)) for name in names]
    assert [f"{note.size:020}" for note in notes] == names
    assert row(platform, kept).size == notes[-1].size
    assert not flows.give(scope=platform, place_id=kept)  # nothing new to give


def test_the_worker_adds_the_store_once_and_leaves_it_ended(platform, kept):
    with scoped(platform):
        assert flows.add_object_store(scope=platform) is None
        flows.end_place(scope=platform, place_id=kept)
        assert flows.add_object_store(scope=platform) is None
    assert row(platform, kept).ended_at is not None


def test_a_tenant_has_no_say_in_it(tenant):
    with scoped(tenant), pytest.raises(Denied):
        flows.add_object_store(scope=tenant)


@pytest.fixture
def remember(platform: Scope, installation: Installation) -> Callable[[int], None]:
    """Have the store hold a head with our signature, so many events longer than the log, of a tree that never was."""
    from safehold.foundation.audit.signing import signer

    def put(longer: int) -> None:
        with scoped(platform):
            head = audit.head(scope=platform, log=LOGS)
        size = head.size + longer
        said = Checkpoint(origin=head.origin, size=size, root=b"\x01" * 32, chain=b"\x02" * 32, time=1)
        current_store().put_head(f"{size:020}", sign_note(said.text, signer(installation).named(head.origin)).encode())

    return put


@pytest.mark.parametrize("longer", [0, 1000])
def test_a_head_that_the_log_didnt_grow_out_of_contradicts_it(platform, grow, kept, remember, longer):
    """As after a rollback of the database and its folder of anchors: the store remembers otherwise."""
    grow(platform)
    remember(longer)
    grow(platform)
    words = "are stored" if longer else "did not grow out of"
    assert not flows.give(scope=platform, place_id=kept)
    assert words in row(platform, kept).contradiction
    with scoped(platform):
        assert words in selectors.window(platform).sentence


def test_what_is_no_head_of_ours_is_a_trouble_and_not_believed(platform, tenant, grow, kept):
    current_store().put_head("9" * 20, b"nonsense")
    grow(tenant)
    assert not flows.give(scope=platform, place_id=kept)
    assert "isn't one of ours" in row(platform, kept).trouble


def test_a_folder_of_this_machine_closes_no_window(platform, tenant, grow, kept, monkeypatch):
    grow(tenant)
    assert flows.give(scope=platform, place_id=kept)
    with scoped(platform):
        assert selectors.window(platform).seconds is None
        monkeypatch.setattr(FolderStore, "is_elsewhere", True)
        assert selectors.window(platform).outside == [Kind.OBJECT_STORE.words]


def test_heads_are_no_tenants_files(kept, platform, tenant, grow):
    grow(tenant)
    assert flows.give(scope=platform, place_id=kept)
    assert "heads" not in current_store().prefixes()
