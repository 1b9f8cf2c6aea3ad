"""Single records, and how rows become what somebody may see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound
from safehold.workspace.records.columns import unsealed
from safehold.workspace.records.models import Record
from safehold.workspace.records.selectors.collections import whole_collections
from safehold.workspace.records.selectors.links import Link, Links
from safehold.workspace.records.shape import Shape

__all__ = ["META", "RecordView", "columns_for", "find_record", "opened", "record", "seen"]

META = ("id", "version", "department", "created_at", "created_by", "updated_at", "updated_by", "deleted_at")


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as one scope sees it.

    `values` has what the scope may read and nothing else, in the order of the fields: one that is empty or of another
    class is absent. A reference's value is the code of what it points to; `links` has its id and title as well.
    """

    id: UUID
    shape: Shape
    version: int
    department: int
    values: Mapping[str, str]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    deleted_at: datetime | None = None
    links: Mapping[str, Link] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call it."""
        named = self.shape.title_field
        return (self.values.get(named.key, "") if named else "") or f"{self.shape.singular} {str(self.id)[-6:]}"


def columns_for(shape: Shape) -> list[str]:
    """The columns to read for a shape: a class that it doesn't show isn't even fetched."""
    sealed = [column for each in shape.sealed_classes for column in (each.value, f"{each.value}_version")]
    return ["open", *sealed]


def opened(shape: Shape, rows: Sequence[Mapping[str, Any]], *, record_id: str = "id") -> list[dict[str, str]]:
    """What rows hold in the fields that `shape` shows, in the order of the fields. No other class's blob is opened."""
    blobs = [
        (at, (each, row[record_id], row[f"{each.value}_version"], row[each.value]))
        for at, row in enumerate(rows)
        for each in shape.sealed_classes
        if row[each.value] is not None
    ]
    held: list[dict[str, str]] = [dict(row["open"]) for row in rows]
    for (at, _), plain in zip(blobs, unsealed(shape.tenant_id, [blob for _, blob in blobs]), strict=True):
        held[at].update(json.loads(plain))
    return [{each.key: values[each.key] for each in shape.fields if each.key in values} for values in held]


def seen(scope: Scope, shape: Shape, rows: Iterable[Mapping[str, Any]], links: Links | None = None) -> list[RecordView]:
    """Rows as this scope sees them; `shape` is already narrowed to what it may read."""
    rows = list(rows)
    held = opened(shape, rows)
    links = links or Links(scope)
    pointing = links.resolved(shape, held)
    return [
        RecordView(
            **{name: row[name] for name in META},
            shape=shape,
            values=values | {key: link.code or str(link.id) for key, link in linked.items()},
            links=linked,
        )
        for row, values, linked in zip(rows, held, pointing, strict=True)
    ]


def record(scope: Scope, collection_key: str, record_id: UUID, *, deleted: bool = False) -> RecordView:
    """One record, deleted ones only where they are asked for; `NotFound` where this scope has none of that id."""
    found = find_record(scope, record_id, deleted=deleted)
    if found.shape.key != collection_key:
        raise NotFound("There is no such record.")
    return found


def find_record(scope: Scope, record_id: UUID, *, deleted: bool = False) -> RecordView:
    """One record by its id alone, whatever its collection."""
    scope.require(Permission.RECORDS_READ)
    rows = Record.objects.filter(tenant_id=scope.tenant, id=record_id)
    where = None if deleted else rows.filter(deleted_at__isnull=True)
    collection_id = (rows if where is None else where).values_list("collection_id", flat=True).first()
    if collection_id is None:
        raise NotFound("There is no such record.")
    (whole,) = whole_collections(scope, id=collection_id)
    shape = whole.readable(scope.readable)
    return seen(scope, shape, rows.values(*META, *columns_for(shape)))[0]
