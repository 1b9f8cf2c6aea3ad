"""Making, rotating and destroying keys, each with its event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.db import transaction

from factories import PLATFORM_SCOPE, make_tenant, scope_of, system
from safehold.foundation.access.matrix import Role
from safehold.foundation.audit.models import Event
from safehold.foundation.keys import blind, flows, recording, ring, sealing, selectors
from safehold.foundation.keys.cli import COMMANDS
from safehold.foundation.keys.conf import DATA_KEY_DAYS, TENANT_KEY_DAYS, Purpose
from safehold.foundation.keys.errors import KeysDestroyed
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.models import DataKey
from safehold.foundation.keys.sealing import Place
from safehold.foundation.keys.storage import BATCH, storage_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Denied, Unavailable
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


def events(scope: Scope) -> Counter[str]:
    with scoped(scope):
        return Counter(Event.objects.filter(type__startswith="keys.").values_list("type", flat=True))


def test_a_tenant_is_made_with_its_keys(tenant: UUID):
    with scoped(system(tenant)) as scope:
        found = selectors.key_status(scope=scope)
    assert [key.version for key in found] == [1] * len(found)
    assert Counter(key.purpose for key in found) == Counter(["tenant", "field", "event", "secret", "index", "object"])
    assert all(key.is_active and not key.is_overdue and key.days == 0 for key in found)
    assert events(system(tenant)) == {"keys.created": 1}


def test_making_again_changes_nothing_but_the_log(tenant: UUID):
    with scoped(system(tenant)) as scope:
        sealed = sealing.seal(Place(tenant, "t", "c", 1), b"value")
        assert flows.create_tenant_keys(scope=scope) == 1
        assert len(selectors.key_status(scope=scope)) == 6
        assert sealing.open_sealed(Place(tenant, "t", "c", 1), sealed) == b"value"


@pytest.mark.parametrize("owner", ["tenant", "platform"])
def test_rotating_a_key_wraps_anew_and_touches_nothing(tenant: UUID, owner: str):
    scope, owner_id = (system(tenant), tenant) if owner == "tenant" else (PLATFORM_SCOPE, PLATFORM)
    place, storage = Place(owner_id, "t", "c", 1), storage_of(owner_id)
    with scoped(scope):
        sealed, token = sealing.seal(place, b"value"), blind.tokens(owner_id, tenant, ["x"])
        before = {key.id: key for key in storage.all(owner_id)}
        version = flows.rotate_tenant_key(scope=scope)
    ring.cache.clear()
    with scoped(scope):
        after = {key.id: key for key in storage.all(owner_id)}
        assert after.keys() == before.keys()
        assert {key.wrapped.version for key in after.values()} == {version}
        assert all(after[id_].wrapped.blob != before[id_].wrapped.blob for id_ in before)
        assert sealing.open_sealed(place, sealed) == b"value"
        assert blind.tokens(owner_id, tenant, ["x"]) == token
    assert events(scope)["keys.rotated"] >= 1


def test_many_data_keys_are_wrapped_in_batches(tenant: UUID):
    with scoped(system(tenant)) as scope:
        storage = storage_of(tenant)
        for key in ring.new_keys(tenant, [(Purpose.FIELD, f"record:{n}") for n in range(BATCH + 3)]):
            storage.add(key)
        assert flows.rotate_tenant_key(scope=scope) == 2
        assert {key.wrapped.version for key in storage.all(tenant)} == {2}
        assert sealing.seal(Place(tenant, "t", "c", 1), b"", subject="record:7")


def test_a_rotation_that_is_rolled_back_leaves_everything_usable(tenant: UUID):
    place = Place(tenant, "t", "c", 1)
    with scoped(system(tenant)) as scope:
        sealed = sealing.seal(place, b"value")
    with scoped(system(tenant)) as scope:
        flows.rotate_tenant_key(scope=scope)
        transaction.set_rollback(True)
    ring.cache.clear()
    with scoped(system(tenant)) as scope:
        assert sealing.open_sealed(place, sealed) == b"value"
        assert flows.rotate_tenant_key(scope=scope) == 3
    assert events(system(tenant))["keys.rotated"] == 1


@pytest.mark.parametrize("owner", ["tenant", "platform"])
def test_rotating_data_keys_keeps_tokens_and_old_values(tenant: UUID, owner: str):
    scope, owner_id = (system(tenant), tenant) if owner == "tenant" else (PLATFORM_SCOPE, PLATFORM)
    place = Place(owner_id, "t", "c", 1)
    with scoped(scope):
        old, token = sealing.seal(place, b"value"), blind.tokens(owner_id, tenant, ["x"])
    with scoped(scope):
        assert flows.rotate_data_keys(scope=scope) >= 1
        within = sealing.seal(place, b"value")
    with scoped(scope):
        new = sealing.seal(place, b"value")
        assert [sealing.open_sealed(place, one) for one in (old, within, new)] == [b"value"] * 3
        assert blind.tokens(owner_id, tenant, ["x"]) == token
    assert old[1:17] != new[1:17]
    assert events(scope)["keys.data-rotated"] >= 1


def test_a_destroyed_tenants_values_are_gone(tenant: UUID):
    place = Place(tenant, "t", "c", 1)
    with scoped(system(tenant)) as scope:
        sealed = sealing.seal(place, b"value")
        backup = storage_of(tenant).all(tenant)
        assert flows.destroy_tenant_keys(scope=scope) == len(backup)
    with scoped(system(tenant)):
        for key in backup:
            storage_of(tenant).add(key)
        for act in (lambda: sealing.open_sealed(place, sealed), lambda: sealing.seal(place, b"new")):
            with pytest.raises(KeysDestroyed):
                act()
    assert tenant not in selectors.tenants_with_keys()
    assert events(system(tenant))["keys.destroyed"] == 1


def test_a_destruction_that_is_rolled_back_destroys_nothing(tenant: UUID):
    place = Place(tenant, "t", "c", 1)
    with scoped(system(tenant)):
        sealed = sealing.seal(place, b"value")
    with scoped(system(tenant)) as scope:
        flows.destroy_tenant_keys(scope=scope)
        transaction.set_rollback(True)
    with scoped(system(tenant)):
        assert sealing.open_sealed(place, sealed) == b"value"
    assert tenant in current_store().tenants()


def test_the_platforms_keys_cannot_be_destroyed():
    sealing.seal(Place(PLATFORM, "t", "c", 1), b"value")
    with pytest.raises(Denied, match="never destroyed"), scoped(PLATFORM_SCOPE):
        flows.destroy_tenant_keys(scope=PLATFORM_SCOPE)
    assert PLATFORM in current_store().tenants()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OWNER, Role.ADMIN}))
@pytest.mark.parametrize(
    "flow", [flows.create_tenant_keys, flows.rotate_tenant_key, flows.rotate_data_keys, flows.destroy_tenant_keys]
)
def test_only_who_manages_settings_touches_keys(tenant: UUID, role: Role, flow):
    with scoped(scope_of(tenant, role)) as scope, pytest.raises(Denied):
        flow(scope=scope)


def test_without_a_log_nothing_is_changed(tenant: UUID):
    from safehold.foundation.audit.flows import record

    recording.connect(None)
    try:
        with pytest.raises(Unavailable, match="No log"), scoped(system(tenant)) as scope:
            flows.destroy_tenant_keys(scope=scope)
    finally:
        recording.connect(record)
    assert tenant in current_store().tenants()


def test_old_and_much_used_keys_are_overdue(tenant: UUID, monkeypatch: pytest.MonkeyPatch):
    later = {days: clock.now() + timedelta(days=days + 1) for days in (TENANT_KEY_DAYS, DATA_KEY_DAYS)}
    overdue = {}
    for days, now in later.items():
        with scoped(system(tenant)) as scope, monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda now=now: now)
            overdue[days] = {key.purpose for key in selectors.key_status(scope=scope) if key.is_overdue}
    assert overdue == {TENANT_KEY_DAYS: {"tenant"}, DATA_KEY_DAYS: {"tenant", "field", "event", "secret", "object"}}
    with scoped(system(tenant)) as scope:
        DataKey.objects.filter(purpose="field").update(uses=1 << 41)
        assert [key.purpose for key in selectors.key_status(scope=scope) if key.is_overdue] == ["field"]
        transaction.set_rollback(True)


def test_status_on_the_command_line(tenant: UUID):
    import json

    (keys,) = COMMANDS
    shown = CliRunner().invoke(keys, ["status"], catch_exceptions=False)
    assert shown.exit_code == 0
    (line,) = [line for line in shown.output.splitlines() if str(tenant) in line]
    assert "key version 1, 0 days old; 5 data keys (event, field, index, object, secret); about 0 uses" in line
    document = json.loads(CliRunner().invoke(keys, ["status", "--json"], catch_exceptions=False).output)
    assert document["environment"] == "test"
    (mine,) = [entry for entry in document["tenants"] if entry["tenant"] == str(tenant)]
    assert {key["purpose"] for key in mine["keys"]} == {"tenant", "field", "event", "secret", "index", "object"}


def test_rotating_on_the_command_line(tenant: UUID):
    (keys,) = COMMANDS
    shown = CliRunner().invoke(keys, ["rotate", "--data", "--tenant", str(tenant)], catch_exceptions=False)
    assert f"{tenant}: key version 2, 4 new data keys" in shown.output
    assert "Rotated the keys of 1 owner." in shown.output
    assert events(system(tenant)) == {"keys.created": 1, "keys.rotated": 1, "keys.data-rotated": 1}
    status = CliRunner().invoke(keys, ["status"], catch_exceptions=False).output
    assert "key version 2, 0 days old; 9 data keys" in next(line for line in status.splitlines() if str(tenant) in line)


def test_rotating_everything_passes_over_what_is_broken_and_says_so(tenant: UUID, as_superuser: Callable[[str], None]):
    from safehold.kernel.errors import Conflict

    (keys,) = COMMANDS
    sealing.seal(Place(PLATFORM, "t", "c", 1), b"value")
    broken = make_tenant().id
    as_superuser(f"UPDATE keys_data_key SET wrapped = wrapped || '!' WHERE tenant_id = '{broken}'")  # noqa: S608
    shown = CliRunner().invoke(keys, ["rotate"])
    assert isinstance(shown.exception, Conflict)
    assert "platform: key version" in shown.output
    assert f"{tenant}: key version 2" in shown.output
    assert f"{broken}: Sealed data did not open." in shown.output
    with scoped(system(tenant)):
        assert {key.wrapped.version for key in storage_of(tenant).all(tenant)} == {2}


def test_an_unknown_tenant_is_told_apart():
    from safehold.kernel.errors import NotFound

    (keys,) = COMMANDS
    with pytest.raises(NotFound, match="has a key"):
        CliRunner().invoke(keys, ["rotate", "--tenant", str(clock.new_id())], catch_exceptions=False)
