"""Making, rotating and destroying keys. Each serves a tenant's scope, and the platform's for its own."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from safehold.foundation.access.matrix import Permission
from safehold.foundation.keys import events
from safehold.foundation.keys.conf import Purpose
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.recording import record
from safehold.foundation.keys.ring import cache, context_of, new_keys
from safehold.foundation.keys.storage import BATCH, StoredKey, forget_platform_keys, storage_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel.errors import Denied
from safehold.kernel.ids import PLATFORM

__all__ = [
    "create_tenant_keys",
    "destroy_log_keys",
    "destroy_subject",
    "destroy_tenant_keys",
    "rotate_data_keys",
    "rotate_tenant_key",
]

_FROM_THE_START = (Purpose.FIELD, Purpose.EVENT, Purpose.SECRET, Purpose.INDEX, Purpose.OBJECT)
"""Made with the tenant, so that no request has to wait for another that is making the same key."""


def create_tenant_keys(*, scope: Scope) -> int:
    """Make a new tenant's key and its first data keys; the version of the key.

    The key store has no transactions: if this one is rolled back, a key without a tenant stays there, which opens
    nothing.
    """
    tenant_id = _whose(scope)
    version = current_store().create(tenant_id)
    storage = storage_of(tenant_id)
    for key in new_keys(tenant_id, [(purpose, "") for purpose in _FROM_THE_START]):
        storage.add(key)
    record(scope, events.CREATED, on=_named(tenant_id), fields={"version": version})
    return version


def rotate_tenant_key(*, scope: Scope) -> int:
    """Give a tenant's key a new version and wrap its data keys under it; what they sealed stays. The version."""
    tenant_id = _whose(scope)
    version = current_store().rotate(tenant_id)
    stored = [key for key in storage_of(tenant_id).all(tenant_id) if key.wrapped.version < version]
    for start in range(0, len(stored), BATCH):
        storage_of(tenant_id).replace(tenant_id, _wrapped_anew(tenant_id, stored[start : start + BATCH]))
    record(scope, events.ROTATED, on=_named(tenant_id), fields={"version": version, "data_keys": len(stored)})
    return version


def rotate_data_keys(*, scope: Scope) -> int:
    """Retire the data keys that seal and make new ones; the number. What the old ones sealed they go on opening.

    Keys that make tokens stay: another key would make other tokens, and nothing would be found again.
    """
    tenant_id = _whose(scope)
    storage, now = storage_of(tenant_id), clock.now()
    due = [key for key in storage.all(tenant_id) if key.retired_at is None and Purpose(key.purpose).seals]
    storage.replace(tenant_id, [replace(key, retired_at=now) for key in due])
    wanted = [(Purpose(key.purpose), key.subject) for key in due]
    for start in range(0, len(wanted), BATCH):
        for key in new_keys(tenant_id, wanted[start : start + BATCH]):
            storage.add(key)
    transaction.on_commit(lambda: cache.forget(tenant_id))
    record(scope, events.DATA_KEYS_ROTATED, on=_named(tenant_id), fields={"data_keys": len(due)})
    return len(due)


def destroy_tenant_keys(*, scope: Scope) -> int:
    """Destroy a tenant's key and data keys, once this transaction is committed: what they sealed is gone for good.

    In every copy of the database too. Other processes may use what they hold for `CACHE_SECONDS` more.
    """
    tenant_id = _whose(scope)
    storage = storage_of(tenant_id)
    number = len(storage.all(tenant_id))
    record(scope, events.DESTROYED, on=_named(tenant_id), fields={"data_keys": number})
    storage.delete(tenant_id)
    cache.forget(tenant_id)

    def finish() -> None:
        current_store().destroy(tenant_id)
        cache.forget(tenant_id)

    transaction.on_commit(finish)
    return number


def destroy_subject(*, scope: Scope, subject: str) -> int:
    """Destroy the keys of one subject ("member:<id>", "account:<id>"): what they sealed is gone; how many there were.

    Nothing that was sealed is touched, whether it is one value or a million. Other processes may use what they hold for
    `CACHE_SECONDS` more; what they seal with it then is gone too.
    """
    tenant_id = _whose(scope, Permission.SUBJECTS_ERASE)
    number = storage_of(tenant_id).destroy(tenant_id, subject, clock.now())
    record(scope, events.SUBJECT_DESTROYED, on=subject, fields={"data_keys": number})
    transaction.on_commit(lambda: cache.forget(tenant_id))
    return number


def destroy_log_keys(*, scope: Scope, before: str) -> int:
    """Destroy the platform's log keys of the months before this one ("2026-11"); how many there were.

    What they sealed is gone for good, in every copy of the archive of logs.
    """
    if scope.kind is not Kind.PLATFORM:
        raise Denied("The archive of logs is the platform's.")
    number = forget_platform_keys(Purpose.LOG, before)
    if number:
        cache.forget(PLATFORM)
        record(scope, events.DESTROYED, on=f"logs:before-{before}", fields={"data_keys": number})
    return number


def _wrapped_anew(tenant_id: UUID, keys: list[StoredKey]) -> list[StoredKey]:
    contexts = [context_of(tenant_id, key.id, key.purpose, key.subject) for key in keys]
    store = current_store()
    opened = store.unwrap(tenant_id, [(key.wrapped, context) for key, context in zip(keys, contexts, strict=True)])
    wrapped = store.wrap(tenant_id, list(zip(opened, contexts, strict=True)))
    return [replace(key, wrapped=blob) for key, blob in zip(keys, wrapped, strict=True)]


def _whose(scope: Scope, needed: Permission = Permission.SETTINGS_MANAGE) -> UUID:
    if scope.kind is Kind.PLATFORM:
        return PLATFORM
    scope.require(needed)
    return scope.tenant


def _named(tenant_id: UUID) -> str:
    return "platform" if tenant_id == PLATFORM else f"tenant:{tenant_id}"
