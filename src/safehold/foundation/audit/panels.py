"""What the start page of a workspace shows of its activity."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import selectors
from safehold.foundation.scope.request import request_scope
from safehold.ui import names
from safehold.ui.panels import Panel

__all__ = ["PANELS"]


def _latest(request: HttpRequest) -> dict[str, Any]:
    events = selectors.activity(scope=request_scope(request), limit=6).events
    known = names.named(request, (each.actor for each in events))
    return {"lines": [(each, known[each.actor].label) for each in events]}


PANELS = (Panel("audit/panel.html", _latest, Permission.ACTIVITY_READ, order=50),)
