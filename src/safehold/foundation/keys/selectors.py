"""How old the keys are, and how often they were used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from safehold.foundation.keys.conf import DATA_KEY_DAYS, DATA_KEY_USES, TENANT_KEY_DAYS, Purpose
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.storage import StoredKey, storage_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel.ids import PLATFORM

__all__ = ["KeyStatus", "key_status", "tenants_with_keys"]


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """One key as people see it: the tenant's key (`purpose` "tenant") or one of its data keys.

    `version` is the tenant key's own, or the one that wraps the data key. `uses` is an estimate, None where nobody
    counts.
    """

    purpose: str
    version: int
    created_at: datetime
    days: int
    is_active: bool
    is_overdue: bool
    uses: int | None = None
    subject: str = ""


def key_status(*, scope: Scope) -> list[KeyStatus]:
    """The keys of the scope's tenant, or of the platform: the tenant's key first, then its data keys, oldest first."""
    tenant_id = PLATFORM if scope.kind is Kind.PLATFORM else scope.tenant
    now = clock.now()
    data_keys = [_of_data_key(key, now) for key in storage_of(tenant_id).all(tenant_id)]
    return [*_of_tenant_key(tenant_id, now), *data_keys]


def tenants_with_keys() -> list[UUID]:
    """Every tenant that has a key in the store, the platform included."""
    return current_store().tenants()


def _of_tenant_key(tenant_id: UUID, now: datetime) -> Iterator[KeyStatus]:
    versions = current_store().versions(tenant_id)
    for version in versions:
        active = version == versions[-1]
        age = now - version.created_at
        overdue = active and age > timedelta(days=TENANT_KEY_DAYS)
        yield KeyStatus("tenant", version.number, version.created_at, age.days, active, overdue)


def _of_data_key(key: StoredKey, now: datetime) -> KeyStatus:
    age, active = now - key.created_at, key.retired_at is None
    overdue = active and Purpose(key.purpose).seals and age > timedelta(days=DATA_KEY_DAYS)
    overdue = overdue or (key.uses or 0) > DATA_KEY_USES
    return KeyStatus(
        purpose=key.purpose,
        version=key.wrapped.version,
        created_at=key.created_at,
        days=age.days,
        is_active=active,
        is_overdue=overdue,
        uses=key.uses,
        subject=key.subject,
    )
