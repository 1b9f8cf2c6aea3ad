"""What the start page of a workspace shows of its collections."""

from __future__ import annotations

from typing import Any

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.scope import Scope
from safehold.ui.panels import Panel
from safehold.workspace.records import selectors

__all__ = ["PANELS"]

_MOST = 9


def _collections(scope: Scope) -> dict[str, Any]:
    counts = selectors.counts(scope)
    found = [(shape, counts.get(shape.id, 0)) for shape in selectors.collections(scope)]
    return {"found": found[:_MOST], "more": len(found) > _MOST, "may_design": scope.can(Permission.COLLECTIONS_MANAGE)}


PANELS = (Panel("records/panel.html", _collections, Permission.RECORDS_READ, order=10),)
