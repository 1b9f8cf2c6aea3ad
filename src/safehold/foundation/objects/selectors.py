"""Reads of stored files: what is known of one, and what is in it.

No permission is asked for here, only the tenant's scope: who may read a file is known to the room that keeps it, which
asks before it calls. See docs/decisions/objects.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from safehold.foundation.keys.sealing import Place, open_sealed
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.models import StoredObject
from safehold.foundation.objects.stores import path_of
from safehold.foundation.scope.scope import Scope
from safehold.kernel import sealedobject
from safehold.kernel.errors import Invalid, NotFound, Problem, Tampered

__all__ = [
    "Content",
    "ObjectView",
    "context_for",
    "find",
    "find_upload",
    "key_of",
    "key_place",
    "known",
    "read",
    "sealed_key_of",
]


@dataclass(frozen=True, slots=True)
class ObjectView:
    """What is known of a stored file without opening it. `sha256` is over its sealed bytes."""

    id: UUID
    kind: str
    size: int
    sha256: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """A stored file, or a part of it, ready to be read: `pieces` needs no transaction.

    It raises `Tampered` before it gives out anything that isn't authentic, and at the end if the file was cut off.
    """

    view: ObjectView
    start: int
    stop: int
    pieces: Iterator[bytes]


def find(scope: Scope, object_id: UUID) -> ObjectView:
    """One of the tenant's files; `NotFound` if it has none of that id, whether or not another tenant has."""
    return _view(_row(scope, object_id))


def find_upload(scope: Scope, kind: str, upload_key: str) -> ObjectView | None:
    """The file that an upload with this key has made, if there is one."""
    row = StoredObject.objects.filter(tenant_id=scope.tenant, kind=kind, upload_key=upload_key).first()
    return _view(row) if row else None


def known(scope: Scope, ids: Collection[UUID] | None = None) -> set[UUID]:
    """Which of these ids, or which of all, are of files that the tenant has."""
    rows = StoredObject.objects.filter(tenant_id=scope.tenant)
    if ids is not None:
        rows = rows.filter(id__in=ids)
    return set(rows.values_list("id", flat=True))


def read(scope: Scope, object_id: UUID, *, start: int = 0, stop: int | None = None) -> Content:
    """Open a file, or its bytes from `start` up to `stop`. That it is there and is this object is known on return."""
    row = _row(scope, object_id)
    end = row.size if stop is None else stop
    if not 0 <= start <= end <= row.size:
        problem = Problem("range", f"a part of the file's {row.size} bytes", f"{start} to {end}")
        raise Invalid("There is no such part of this file.", problems=(problem,))
    return Content(_view(row), start, end, _pieces(row, start, end))


def key_of(scope: Scope, object_id: UUID) -> bytes:
    """A file's own key. For this room alone: it opens the file wherever its bytes lie."""
    return _key(_row(scope, object_id))


def sealed_key_of(scope: Scope, object_id: UUID) -> bytes:
    """A file's own key as its row has it."""
    return bytes(_row(scope, object_id).sealed_key)


def key_place(tenant_id: UUID, object_id: UUID) -> Place:
    """Where a file's key is sealed for."""
    return Place(tenant_id, "objects_object", "sealed_key", object_id)


def context_for(tenant_id: UUID, object_id: UUID) -> bytes:
    """What a file is sealed for: this environment, its tenant, its id."""
    return sealedobject.context_of(settings.SAFEHOLD.environment, tenant_id, object_id)


def _pieces(row: StoredObject, start: int, stop: int) -> Iterator[bytes]:
    key, context = _key(row), context_for(row.tenant_id, row.id)
    store, path = current_store(), path_of(row.tenant_id, row.id)
    length = store.size(path)
    if length != sealedobject.sealed_size(row.size):
        raise Tampered
    header = b"".join(store.read(path, 0, sealedobject.HEADER))
    reader = sealedobject.PartReader(key, context, header, length)
    if (start, stop) == (0, row.size):
        return sealedobject.open_whole(key, context, store.read(path, 0, length))
    return reader.open(start, stop, store.read(path, *reader.window(start, stop)))


def _key(row: StoredObject) -> bytes:
    return open_sealed(key_place(row.tenant_id, row.id), row.sealed_key)


def _row(scope: Scope, object_id: UUID) -> StoredObject:
    row = StoredObject.objects.filter(tenant_id=scope.tenant, id=object_id).first()
    if row is None:
        raise NotFound("There is no such file.")
    return row


def _view(row: StoredObject) -> ObjectView:
    return ObjectView(row.id, row.kind, row.size, bytes(row.sha256), row.created_at)
