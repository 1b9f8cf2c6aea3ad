"""Collections and their fields."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.db.models import Count as CountOf

from safehold.foundation.access.matrix import FieldClass, Permission
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound
from safehold.workspace.records.models import LIVE, Collection, Field, Record
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.values import FieldType

__all__ = ["collection", "collections", "counts", "field_shape", "whole_collection", "whole_collections"]


def field_shape(row: Field) -> FieldShape:
    """A field as the rest of the room reads it."""
    return FieldShape(
        id=row.id,
        key=row.key,
        label=row.label,
        type=FieldType(row.type),
        field_class=FieldClass(row.field_class),
        required=row.required,
        unique=row.unique,
        indexed=row.indexed,
        choices=tuple(row.choices),
        target_id=row.target_id,
        slot=row.slot,
        position=row.position,
    )


def whole_collections(scope: Scope, **narrowed: object) -> list[Shape]:
    """Collections with all their fields, whoever asks: for flows, which know what may be shown and what not."""
    scope.require(Permission.RECORDS_READ)
    rows = list(Collection.objects.filter(tenant_id=scope.tenant, **narrowed))
    fields: dict[UUID, list[FieldShape]] = defaultdict(list)
    for row in Field.objects.filter(tenant_id=scope.tenant, collection_id__in=[row.id for row in rows]):
        fields[row.collection_id].append(field_shape(row))
    return [
        Shape(
            id=row.id,
            tenant_id=row.tenant_id,
            key=row.key,
            label=row.label,
            singular=row.singular,
            archived=row.archived,
            fields=tuple(fields[row.id]),
        )
        for row in rows
    ]


def whole_collection(scope: Scope, key: str) -> Shape:
    """One collection with all its fields; `NotFound` where there is none of that key."""
    found = whole_collections(scope, key=key)
    if not found:
        raise NotFound("There is no such collection.")
    return found[0]


def collections(scope: Scope, *, archived: bool = False) -> list[Shape]:
    """The tenant's collections, in their order, with the fields that this scope may see."""
    return [shape.readable(scope.readable) for shape in whole_collections(scope, archived=archived)]


def collection(scope: Scope, key: str) -> Shape:
    """One collection with the fields that this scope may see."""
    return whole_collection(scope, key).readable(scope.readable)


def counts(scope: Scope) -> dict[UUID, int]:
    """How many records there are in each collection, of the departments that this scope reaches."""
    scope.require(Permission.RECORDS_READ)
    rows = Record.objects.filter(LIVE, tenant_id=scope.tenant).values("collection_id")
    return {row["collection_id"]: row["many"] for row in rows.annotate(many=CountOf("id")).order_by()}
