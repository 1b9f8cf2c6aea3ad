"""What references point to: the code that files and forms use, and the title that people read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from safehold.foundation.scope.scope import Scope
from safehold.workspace.records.columns import unsealed
from safehold.workspace.records.models import Record
from safehold.workspace.records.selectors.collections import whole_collections
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.values import FieldType

__all__ = ["Link", "Links", "links_to"]


@dataclass(frozen=True, slots=True)
class Link:
    """One end of a reference. Code and title are empty where the scope may not see them."""

    id: UUID
    collection: str = ""
    code: str = ""
    title: str = ""
    deleted: bool = False


class Links:
    """Resolves references, and remembers what it has seen: an export meets the same customer many times."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._shapes: dict[UUID, Shape] = {}
        self._known: dict[UUID, Link] = {}

    def resolved(self, shape: Shape, held: Sequence[Mapping[str, str]]) -> list[dict[str, Link]]:
        """For each record's values, its reference fields and what they point to."""
        fields = [each for each in shape.fields if each.type is FieldType.REFERENCE]
        if not fields:
            return [{} for _ in held]
        for each in fields:
            self._learn(each, {UUID(values[each.key]) for values in held if each.key in values})
        return [
            {each.key: self._known[UUID(values[each.key])] for each in fields if each.key in values} for values in held
        ]

    def _learn(self, each: FieldShape, targets: set[UUID]) -> None:
        unknown = targets - self._known.keys()
        if not unknown or each.target_id is None:
            return
        shape = self._shape(each.target_id)
        for link in links_to(self._scope, shape, unknown):
            self._known[link.id] = link
        for target in unknown - self._known.keys():
            self._known[target] = Link(target, shape.key)

    def _shape(self, collection_id: UUID) -> Shape:
        if collection_id not in self._shapes:
            (whole,) = whole_collections(self._scope, id=collection_id)
            self._shapes[collection_id] = whole.readable(self._scope.readable)
        return self._shapes[collection_id]


def links_to(scope: Scope, shape: Shape, ids: Iterable[UUID]) -> list[Link]:
    """The links to these records of a collection; `shape` shows what the scope may read of it."""
    code, title = shape.code_field, shape.title_field
    sealed = [] if code is None or code.is_open else [code.field_class.value, f"{code.field_class.value}_version"]
    rows = Record.objects.filter(tenant_id=scope.tenant, collection_id=shape.id, id__in=list(ids))
    found = []
    for row in rows.values("id", "open", "deleted_at", *sealed):
        values = dict(row["open"])
        if code is not None and sealed and row[sealed[0]] is not None:
            (plain,) = unsealed(shape.tenant_id, [(code.field_class, row["id"], row[sealed[1]], row[sealed[0]])])
            values.update(json.loads(plain))
        found.append(
            Link(
                id=row["id"],
                collection=shape.key,
                code=values.get(code.key, "") if code else "",
                title=values.get(title.key, "") if title else "",
                deleted=row["deleted_at"] is not None,
            )
        )
    return found
