"""Where wrapped data keys lie: tenants' in the database, under its policies; the platform's in the key store.

The platform's keys of single subjects are the exception: there is one for each account, so they lie in a table too. All
answer the same questions, so that the ring needn't know which it asks.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from safehold.foundation.keys.conf import Purpose
from safehold.foundation.keys.installed import current_store
from safehold.foundation.keys.models import DataKey, PlatformDataKey
from safehold.foundation.keys.store import Wrapped
from safehold.foundation.scope.migrations_support import sql_text
from safehold.kernel.errors import Denied
from safehold.kernel.ids import PLATFORM

__all__ = [
    "BATCH",
    "Storage",
    "StoredKey",
    "forget_platform_keys",
    "is_kept_in_database",
    "is_settled",
    "storage_of",
]

BATCH = 400
"""Keys wrapped or written at once: OpenBao takes no more in one request."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A wrapped data key with what it is bound to."""

    id: UUID
    tenant_id: UUID
    purpose: str
    subject: str
    wrapped: Wrapped
    created_at: datetime
    retired_at: datetime | None = None
    uses: int | None = None
    destroyed_at: datetime | None = None


class Storage(Protocol):
    """A place for wrapped data keys."""

    def active(self, tenant_id: UUID, purpose: str, subject: str) -> StoredKey | None:
        """The key that seals now."""

    def with_id(self, tenant_id: UUID, key_id: UUID) -> StoredKey | None:
        """The key of that id, active or retired, if there is one."""

    def all(self, tenant_id: UUID) -> list[StoredKey]:
        """Every key of a tenant that there still is, active and retired, oldest first."""

    def add(self, key: StoredKey) -> None:
        """Keep a new active key, unless another process was quicker: then nothing."""

    def replace(self, tenant_id: UUID, keys: Sequence[StoredKey]) -> None:
        """Keep the wrapping and the retirement of these keys as they are here."""

    def destroy(self, tenant_id: UUID, subject: str, at: datetime) -> int:
        """Take the keys of one subject away and leave word that they were destroyed; how many."""

    def delete(self, tenant_id: UUID) -> None:
        """Forget all of a tenant's wrapped keys."""


class _Table:
    """A table of wrapped keys, read and written in whatever scoped transaction is open."""

    def __init__(self, model: type[DataKey | PlatformDataKey], add: str) -> None:
        self._model = model
        self._add = sql_text("safehold.foundation.keys", f"statements/{add}.sql")

    def _rows(self, tenant_id: UUID) -> QuerySet[DataKey | PlatformDataKey]:
        return self._model._default_manager.filter(tenant_id=tenant_id)  # noqa: SLF001 - Django's name for any model's

    def active(self, tenant_id: UUID, purpose: str, subject: str) -> StoredKey | None:
        rows = self._rows(tenant_id).filter(purpose=purpose, subject=subject, retired_at=None)
        return next(map(_from_row, rows), None)

    def with_id(self, tenant_id: UUID, key_id: UUID) -> StoredKey | None:
        return next(map(_from_row, self._rows(tenant_id).filter(id=key_id)), None)

    def all(self, tenant_id: UUID) -> list[StoredKey]:
        return list(map(_from_row, self._rows(tenant_id).filter(destroyed_at=None).order_by("id")))

    def add(self, key: StoredKey) -> None:
        values: dict[str, UUID | str | bytes | int | datetime] = {
            "id": key.id,
            "tenant_id": key.tenant_id,
            "purpose": key.purpose,
            "subject": key.subject,
            "wrapped": key.wrapped.blob,
            "kek_version": key.wrapped.version,
            "created_at": key.created_at,
        }
        _unsettled.add(key.id)
        with connection.cursor() as cursor:
            cursor.execute(self._add, values)
        transaction.on_commit(lambda: _unsettled.discard(key.id))

    def replace(self, tenant_id: UUID, keys: Sequence[StoredKey]) -> None:
        rows = [
            self._model(id=key.id, wrapped=key.wrapped.blob, kek_version=key.wrapped.version, retired_at=key.retired_at)
            for key in keys
        ]
        self._rows(tenant_id).bulk_update(rows, ["wrapped", "kek_version", "retired_at"], batch_size=BATCH)

    def destroy(self, tenant_id: UUID, subject: str, at: datetime) -> int:
        rows = self._rows(tenant_id).filter(subject=subject, destroyed_at=None)
        return rows.update(wrapped=b"", destroyed_at=at, retired_at=Coalesce("retired_at", Value(at)))

    def delete(self, tenant_id: UUID) -> None:
        self._rows(tenant_id).delete()


_unsettled: set[UUID] = set()


def is_settled(key_id: UUID) -> bool:
    """Whether a key can't vanish any more.

    A key made in a transaction that is still open must not outlive it in memory: were it rolled back, the next
    transaction would seal under a key that nobody kept. The id of a rolled-back key stays here; it never comes back.
    """
    return key_id not in _unsettled


def _from_row(row: DataKey | PlatformDataKey) -> StoredKey:
    return StoredKey(
        id=row.id,
        tenant_id=row.tenant_id,
        purpose=row.purpose,
        subject=row.subject,
        wrapped=Wrapped(row.kek_version, bytes(row.wrapped)),
        created_at=row.created_at,
        retired_at=row.retired_at,
        uses=row.uses,
        destroyed_at=row.destroyed_at,
    )


class _Drawer:
    """The platform's own data keys, in one document of the key store. No transaction: what is added stays."""

    def active(self, tenant_id: UUID, purpose: str, subject: str) -> StoredKey | None:
        wanted = (purpose, subject, None)
        return next((key for key in self.all(tenant_id) if (key.purpose, key.subject, key.retired_at) == wanted), None)

    def with_id(self, tenant_id: UUID, key_id: UUID) -> StoredKey | None:
        return next((key for key in self.all(tenant_id) if key.id == key_id), None)

    def add(self, key: StoredKey) -> None:
        def change(document: bytes) -> bytes:
            keys = _parse(document)
            if any((k.purpose, k.subject, k.retired_at) == (key.purpose, key.subject, None) for k in keys):
                return document
            return _write([*keys, key])

        current_store().change_platform_keys(change)

    def all(self, tenant_id: UUID) -> list[StoredKey]:
        return _parse(current_store().platform_keys())

    def replace(self, tenant_id: UUID, keys: Sequence[StoredKey]) -> None:
        fresh = {key.id: key for key in keys}
        current_store().change_platform_keys(
            lambda document: _write([fresh.get(key.id, key) for key in _parse(document)])
        )

    def destroy(self, tenant_id: UUID, subject: str, at: datetime) -> int:
        raise Denied("The platform's own keys are never destroyed: nobody could sign in any more.")

    def forget(self, purpose: str, before: str) -> int:
        """Forget the platform's keys of a purpose whose subject comes before another; how many there were."""
        gone: list[StoredKey] = []

        def change(document: bytes) -> bytes:
            keys = _parse(document)
            gone[:] = [key for key in keys if key.purpose == purpose and key.subject < before]
            return _write([key for key in keys if key not in gone]) if gone else document

        current_store().change_platform_keys(change)
        return len(gone)

    def delete(self, tenant_id: UUID) -> None:
        raise Denied("The platform's own keys are never destroyed: nobody could sign in any more.")


class _Platform:
    """The platform's keys: its own in their document, those of single subjects in their table.

    The keys of the archive of logs, one a month, lie in the document: what seals logs must not need the database.
    """

    def __init__(self, own: _Drawer, subjects: _Table) -> None:
        self._own, self._subjects = own, subjects

    def active(self, tenant_id: UUID, purpose: str, subject: str) -> StoredKey | None:
        return self._place(purpose, subject).active(tenant_id, purpose, subject)

    def with_id(self, tenant_id: UUID, key_id: UUID) -> StoredKey | None:
        return self._own.with_id(tenant_id, key_id) or self._subjects.with_id(tenant_id, key_id)

    def all(self, tenant_id: UUID) -> list[StoredKey]:
        return [*self._own.all(tenant_id), *self._subjects.all(tenant_id)]

    def add(self, key: StoredKey) -> None:
        self._place(key.purpose, key.subject).add(key)

    def replace(self, tenant_id: UUID, keys: Sequence[StoredKey]) -> None:
        for place in (self._own, self._subjects):
            place.replace(tenant_id, [key for key in keys if self._place(key.purpose, key.subject) is place])

    def destroy(self, tenant_id: UUID, subject: str, at: datetime) -> int:
        return self._subjects.destroy(tenant_id, subject, at)

    def delete(self, tenant_id: UUID) -> None:
        self._own.delete(tenant_id)

    def _place(self, purpose: str, subject: str) -> _Drawer | _Table:
        return self._subjects if is_kept_in_database(PLATFORM, purpose, subject) else self._own


def is_kept_in_database(tenant_id: UUID, purpose: str, subject: str) -> bool:
    """Whether such a key is a row, which a transaction can take back and which needs one to be read."""
    return tenant_id != PLATFORM or (bool(subject) and purpose != Purpose.LOG)


def _parse(document: bytes) -> list[StoredKey]:
    """The platform's data keys in their document."""
    return [_from_entry(entry) for entry in json.loads(document)["keys"]] if document else []


def _write(keys: Iterable[StoredKey]) -> bytes:
    """The document that holds these keys."""
    entries = [_to_entry(key) for key in keys]
    return json.dumps({"format": "safehold-platform-data-keys/1", "keys": entries}, indent=1).encode() + b"\n"


def _to_entry(key: StoredKey) -> dict[str, object]:
    return {
        "id": str(key.id),
        "purpose": key.purpose,
        "subject": key.subject,
        "version": key.wrapped.version,
        "wrapped": base64.b64encode(key.wrapped.blob).decode(),
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
    }


def _from_entry(entry: dict[str, str]) -> StoredKey:
    wrapped = Wrapped(int(entry["version"]), base64.b64decode(entry["wrapped"]))
    created = datetime.fromisoformat(entry["created_at"])
    retired = datetime.fromisoformat(entry["retired_at"]) if entry["retired_at"] else None
    return StoredKey(UUID(entry["id"]), PLATFORM, entry["purpose"], entry["subject"], wrapped, created, retired)


def forget_platform_keys(purpose: str, before: str) -> int:
    """Forget the platform's keys of a purpose for subjects before this one, for good; how many there were."""
    return _Drawer().forget(purpose, before)


def storage_of(tenant_id: UUID) -> Storage:
    """Where the data keys of a tenant, or of the platform, lie."""
    return _PLATFORMS if tenant_id == PLATFORM else _TENANTS


_TENANTS = _Table(DataKey, "add_data_key")
_PLATFORMS = _Platform(_Drawer(), _Table(PlatformDataKey, "add_platform_data_key"))
