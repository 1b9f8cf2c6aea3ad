"""What the start page of a workspace shows of its collections."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.request import request_scope
from safehold.ui.panels import Panel
from safehold.workspace.records import selectors

__all__ = ["PANELS"]

_MOST = 9


def _collections(request: HttpRequest) -> dict[str, Any]:
    scope = request_scope(request)
    counts = selectors.counts(scope)
    found = [(shape, counts.get(shape.id, 0)) for shape in selectors.collections(scope)]
    return {"found": found[:_MOST], "more": len(found) > _MOST, "may_design": scope.can(Permission.COLLECTIONS_MANAGE)}


PANELS = (Panel("records/panel.html", _collections, Permission.RECORDS_READ, order=10),)
