"""The ring: finds the data key that seals or opens something, makes it where there is none, keeps it a while.

A tenant's keys are found only inside that tenant's scope, whether they are in memory or not: another tenant's sealed
value doesn't open, even if this very process holds its key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from uuid import UUID

from safehold.foundation.keys.cache import KeyCache, LiveKey
from safehold.foundation.keys.conf import Purpose
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.storage import StoredKey, is_settled, storage_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import current_scope
from safehold.kernel.errors import Conflict, Denied, Tampered
from safehold.kernel.framing import frame
from safehold.kernel.ids import PLATFORM
from safehold.kernel.mackey import MacKey
from safehold.kernel.xaes import KEY_SIZE, XaesKey

__all__ = ["active_key", "cache", "context_of", "keys_with_ids", "new_keys"]

cache = KeyCache()
"""This process's live keys."""


def active_key(tenant_id: UUID, purpose: Purpose, subject: str = "") -> LiveKey:
    """The key that seals for a tenant and purpose now, made if it is the first time."""
    _require_scope(tenant_id)
    if live := cache.active(tenant_id, purpose, subject):
        return live
    storage = storage_of(tenant_id)
    stored = storage.active(tenant_id, purpose, subject)
    if stored is None:
        if tenant_id == PLATFORM:
            current_store().create(PLATFORM)
        storage.add(new_keys(tenant_id, [(purpose, subject)])[0])
        stored = storage.active(tenant_id, purpose, subject)
    if stored is None:
        raise Conflict("The data key that was made just now can't be seen by this transaction: try again.")
    (live,) = _unwrap(tenant_id, [stored])
    return live


def keys_with_ids(tenant_id: UUID, ids: Iterable[UUID]) -> dict[UUID, LiveKey]:
    """The keys that sealed something, by id; `Tampered` if one isn't this tenant's or isn't there at all."""
    _require_scope(tenant_id)
    found = {}
    for key_id in ids:
        live = cache.get(key_id)
        if live is not None and live.tenant_id == tenant_id:
            found[key_id] = live
    if missing := set(ids) - found.keys():
        stored = storage_of(tenant_id).with_ids(tenant_id, missing)
        if len(stored) != len(missing):
            raise Tampered
        found |= {live.id: live for live in _unwrap(tenant_id, stored)}
    return found


def new_keys(tenant_id: UUID, wanted: Sequence[tuple[Purpose, str]]) -> list[StoredKey]:
    """Fresh wrapped data keys, not stored yet."""
    ids = [clock.new_id() for _ in wanted]
    contexts = [context_of(tenant_id, id_, *what) for id_, what in zip(ids, wanted, strict=True)]
    wrapped = current_store().wrap(tenant_id, [(os.urandom(KEY_SIZE), context) for context in contexts])
    now = clock.now()
    return [
        StoredKey(id_, tenant_id, purpose, subject, blob, now)
        for id_, (purpose, subject), blob in zip(ids, wanted, wrapped, strict=True)
    ]


def context_of(tenant_id: UUID, key_id: UUID, purpose: str, subject: str) -> bytes:
    """What a wrapped data key is bound to: a key relabelled in the database doesn't unwrap."""
    return frame(b"safehold-data-key/1", tenant_id.bytes, key_id.bytes, purpose.encode(), subject.encode())


def _unwrap(tenant_id: UUID, stored: Sequence[StoredKey]) -> list[LiveKey]:
    sealed = [(key.wrapped, context_of(tenant_id, key.id, key.purpose, key.subject)) for key in stored]
    live = []
    for key, material in zip(stored, current_store().unwrap(tenant_id, sealed), strict=True):
        purpose = Purpose(key.purpose)
        made = XaesKey(material) if purpose.seals else MacKey(material)
        opened = LiveKey(key.id, tenant_id, purpose, key.subject, made, is_active=key.retired_at is None)
        live.append(cache.put(opened) if is_settled(key.id) else opened)
    return live


def _require_scope(tenant_id: UUID) -> None:
    """The platform's keys serve every process; a tenant's keys serve that tenant's scope."""
    if tenant_id != PLATFORM and current_scope().tenant_id != tenant_id:
        raise Denied("A tenant's keys serve only inside its own scope.")
