"""The ring: finds the data key that seals or opens something, makes it where there is none, keeps it a while.

A tenant's keys are found only inside that tenant's scope, whether they are in memory or not: another tenant's sealed
value doesn't open, even if this very process holds its key.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from uuid import UUID

from safehold.foundation.keys.cache import KeyCache, LiveKey
from safehold.foundation.keys.conf import Purpose
from safehold.foundation.keys.errors import Erased
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.storage import StoredKey, is_kept_in_database, is_settled, storage_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import current_scope, run_apart
from safehold.kernel.errors import Conflict, Denied, Tampered
from safehold.kernel.framing import frame
from safehold.kernel.ids import PLATFORM
from safehold.kernel.mackey import MacKey
from safehold.kernel.xaes import KEY_SIZE, XaesKey

__all__ = ["active_key", "cache", "context_of", "key_with_id", "new_keys"]

cache = KeyCache()
"""This process's live keys."""


def active_key(tenant_id: UUID, purpose: Purpose, subject: str = "") -> LiveKey:
    """The key that seals for a tenant, purpose and subject now, made if it is the first time.

    A subject's key is made in a transaction of its own. In the open one, whoever writes about the same subject would
    have to wait for its end: another request of the same person's, or the event about a refusal, which this very
    request writes apart, and would wait for for ever.
    """
    _require_scope(tenant_id)
    if live := cache.active(tenant_id, purpose, subject):
        return live
    stored = storage_of(tenant_id).active(tenant_id, purpose, subject)
    if stored is None:
        make = (tenant_id, purpose, subject)
        apart = subject and is_kept_in_database(*make)
        stored = run_apart(current_scope(), _made, *make) if apart else _made(*make)
    if stored is None:
        raise Conflict("The data key that was made just now can't be seen by this transaction: try again.")
    return _unwrap(tenant_id, stored)


def _made(tenant_id: UUID, purpose: Purpose, subject: str) -> StoredKey | None:
    if tenant_id == PLATFORM:
        current_store().create(PLATFORM)
    storage = storage_of(tenant_id)
    storage.add(new_keys(tenant_id, [(purpose, subject)])[0])
    return storage.active(tenant_id, purpose, subject)


def key_with_id(tenant_id: UUID, key_id: UUID) -> LiveKey:
    """The key that sealed something; `Tampered` if it isn't this tenant's or isn't there at all, `Erased` if it was."""
    _require_scope(tenant_id)
    live = cache.get(key_id)
    if live is not None and live.tenant_id == tenant_id:
        return live
    stored = storage_of(tenant_id).with_id(tenant_id, key_id)
    if stored is None:
        raise Tampered
    if stored.destroyed_at is not None:
        raise Erased
    return _unwrap(tenant_id, stored)


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


def _unwrap(tenant_id: UUID, stored: StoredKey) -> LiveKey:
    context = context_of(tenant_id, stored.id, stored.purpose, stored.subject)
    (material,) = current_store().unwrap(tenant_id, [(stored.wrapped, context)])
    purpose = Purpose(stored.purpose)
    made = XaesKey(material) if purpose.seals else MacKey(material)
    live = LiveKey(stored.id, tenant_id, purpose, stored.subject, made, is_active=stored.retired_at is None)
    return cache.put(live) if is_settled(stored.id) else live


def _require_scope(tenant_id: UUID) -> None:
    """The platform's keys serve every process; a tenant's keys serve that tenant's scope."""
    if tenant_id != PLATFORM and current_scope().tenant_id != tenant_id:
        raise Denied("A tenant's keys serve only inside its own scope.")
