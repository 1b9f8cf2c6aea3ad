"""What a record was before: every version, who made it, when, how, and what changed, as far as the scope may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound
from safehold.workspace.records.models import Record, Version
from safehold.workspace.records.selectors.collections import collection
from safehold.workspace.records.selectors.links import Links
from safehold.workspace.records.selectors.records import columns_for, opened
from safehold.workspace.records.shape import Shape

__all__ = ["Change", "history"]

_HOW = ("version", "department", "action", "changed")


@dataclass(frozen=True, slots=True)
class Change:
    """One version of a record: how it came about, and what it held.

    `changed` names only fields that the scope may read; `hidden` says how many others changed with them.
    """

    version: int
    department: int
    action: str
    at: datetime
    by: str
    changed: tuple[str, ...]
    hidden: int
    values: Mapping[str, str]
    before: Mapping[str, str]


def history(scope: Scope, collection_key: str, record_id: UUID) -> list[Change]:
    """All versions of a record, the newest first; also of one that is deleted."""
    shape = collection(scope, collection_key)
    columns = columns_for(shape)
    rows: list[dict[str, Any]] = [
        row | {"record_id": record_id, "made_at": row["updated_at"], "made_by": row["updated_by"]}
        for row in Record.objects.filter(tenant_id=scope.tenant, collection_id=shape.id, id=record_id).values(
            "updated_at", "updated_by", *_HOW, *columns
        )
    ]
    if not rows:
        raise NotFound("There is no such record.")
    former = Version.objects.filter(tenant_id=scope.tenant, record_id=record_id).order_by("-version")
    rows += former.values("record_id", "made_at", "made_by", *_HOW, *columns)
    return _changes(scope, shape, rows)


def _changes(scope: Scope, shape: Shape, rows: list[dict[str, Any]]) -> list[Change]:
    held = opened(shape, rows, record_id="record_id")
    linked = Links(scope).resolved(shape, held)
    shown = [
        values | {key: link.code or str(link.id) for key, link in links.items()}
        for values, links in zip(held, linked, strict=True)
    ]
    return [
        Change(
            version=row["version"],
            department=row["department"],
            action=row["action"],
            at=row["made_at"],
            by=row["made_by"],
            changed=tuple(each.key for each in shape.fields if each.key in row["changed"]),
            hidden=sum(shape.find(key) is None for key in row["changed"]),
            values=values,
            before=before,
        )
        for row, values, before in zip(rows, shown, [*shown[1:], {}], strict=True)
    ]
