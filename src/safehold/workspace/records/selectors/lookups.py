"""Looking records up by what people call them: codes of unique fields, and beginnings of titles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound
from safehold.workspace.records.models import LIVE, Field, Record, Reference
from safehold.workspace.records.selectors.collections import whole_collections
from safehold.workspace.records.selectors.links import Link, links_to
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.slots import folded, prefix_end
from safehold.workspace.records.statements import joined, run
from safehold.workspace.records.values import FieldType
from safehold.workspace.records.words import unique_tokens

__all__ = ["codes_of", "find_targets", "holders", "named", "referring", "suggestions"]


def holders(shape: Shape, each: FieldShape, values: Sequence[str]) -> dict[str, UUID]:
    """The records that hold some values of a unique field, by value; values that none holds are left out."""
    tokens = unique_tokens(shape.tenant_id, each, values)
    rows = run(
        "find_unique",
        tenant=shape.tenant_id,
        field=each.id,
        tokens=joined(map(str, tokens)),
    )
    found: dict[int, UUID] = dict(rows)
    return {value: found[token] for value, token in zip(values, tokens, strict=True) if token in found}


def codes_of(scope: Scope, collection_id: UUID, values: Iterable[str]) -> dict[str, UUID]:
    """The records of a collection that these codes stand for; an id of a record stands for itself."""
    (shape,) = whole_collections(scope, id=collection_id)
    wanted = list(dict.fromkeys(values))
    found = holders(shape, shape.code_field, wanted) if shape.code_field and wanted else {}
    if as_ids := {value: UUID(value) for value in wanted if value not in found and _is_id(value)}:
        rows = Record.objects.filter(
            tenant_id=scope.tenant, collection_id=collection_id, id__in=list(as_ids.values()), deleted_at__isnull=True
        )
        known = set(rows.values_list("id", flat=True))
        found |= {value: record_id for value, record_id in as_ids.items() if record_id in known}
    return found


def find_targets(scope: Scope, each: FieldShape, values: Iterable[str]) -> dict[str, UUID]:
    """What values of a reference field point to, by value."""
    return codes_of(scope, each.target_id, values) if each.target_id else {}


def _is_id(text: str) -> bool:
    try:
        return len(text) == 36 and bool(UUID(text))
    except ValueError:
        return False


def suggestions(scope: Scope, collection_key: str, beginning: str, limit: int = 10) -> list[Link]:
    """Records of a collection whose title or code begins so: for choosing what a reference points to."""
    found = whole_collections(scope, key=collection_key)
    if not found:
        raise NotFound("There is no such collection.")
    shape = found[0].readable(scope.readable)
    rows = Record.objects.filter(LIVE, tenant_id=scope.tenant, collection_id=shape.id)
    prefix, ids = folded(beginning), []
    for each in (shape.code_field, shape.title_field):
        if each is not None and each.slot is not None:
            column = f"s{each.slot}"
            begun = rows.filter(**{f"{column}__gte": prefix, f"{column}__lt": prefix_end(prefix)})
            ids += list(begun.order_by(column, "id").values_list("id", flat=True)[:limit])
    wanted = list(dict.fromkeys(ids))[:limit]
    by_id = {link.id: link for link in links_to(scope, shape, wanted)}
    return [by_id[record_id] for record_id in wanted if record_id in by_id]


def named(scope: Scope, ids: Iterable[UUID]) -> list[Link]:
    """What records are called, whatever their collections and deleted or not; those out of reach are left out."""
    scope.require(Permission.RECORDS_READ)
    by_collection: dict[UUID, list[UUID]] = defaultdict(list)
    rows = Record.objects.filter(tenant_id=scope.tenant, id__in=list(ids))
    for record_id, collection_id in rows.values_list("id", "collection_id"):
        by_collection[collection_id].append(record_id)
    shapes = whole_collections(scope, id__in=list(by_collection)) if by_collection else []
    seen = ((shape.readable(scope.readable), by_collection[shape.id]) for shape in shapes)
    return [link for shape, held in seen for link in links_to(scope, shape, held)]


def referring(scope: Scope, record_id: UUID) -> list[tuple[Shape, FieldShape, int]]:
    """Which collections' fields point to a record, and from how many records that are not deleted."""
    scope.require(Permission.RECORDS_READ)
    fields = Field.objects.filter(tenant_id=scope.tenant, type=FieldType.REFERENCE.value)
    shapes = {shape.id: shape for shape in whole_collections(scope)}
    found = []
    for row in fields:
        sources = Reference.objects.filter(tenant_id=scope.tenant, target_id=record_id, field_id=row.id)
        many = Record.objects.filter(
            tenant_id=scope.tenant, id__in=sources.values("record_id"), deleted_at__isnull=True
        ).exclude(id=record_id)
        if (count := many.count()) and (each := shapes[row.collection_id].find(row.key)):
            found.append((shapes[row.collection_id].readable(scope.readable), each, count))
    return found
