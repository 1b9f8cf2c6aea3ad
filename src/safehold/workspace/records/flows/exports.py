"""Noting that data left the workspace."""

from __future__ import annotations

from collections.abc import Iterable

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.scope import Scope
from safehold.workspace.records import events
from safehold.workspace.records.filters import Query
from safehold.workspace.records.shape import Shape

__all__ = ["note_export"]


def note_export(*, scope: Scope, shape: Shape, query: Query, count: int) -> None:
    """Write the event of an export: what, how much, by which fields it was filtered, and never by which values."""
    scope.require(Permission.RECORDS_EXPORT)
    asked = [condition.name for condition in query.filters] + (["q"] if query.q else [])
    _write(scope, shape, count, asked)


def _write(scope: Scope, shape: Shape, count: int, asked: Iterable[str]) -> None:
    fields = {
        "collection": shape.key,
        "count": count,
        "fields": ", ".join(each.key for each in shape.fields),
        "filters": ", ".join(asked) or "nothing",
    }
    audit.record(scope, events.EXPORTED, on=f"collection:{shape.id}", fields=fields)
