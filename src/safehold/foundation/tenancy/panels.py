"""What the start page of a workspace shows of its people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.request import request_scope
from safehold.foundation.tenancy import selectors
from safehold.foundation.tenancy.models import Status
from safehold.ui.panels import Panel

__all__ = ["PANELS"]


def _people(request: HttpRequest) -> dict[str, Any]:
    scope = request_scope(request)
    counts = selectors.counts(scope)
    return {
        "active": counts.get(Status.ACTIVE, 0),
        "invited": counts.get(Status.INVITED, 0),
        "departments": len(scope.departments),
    }


PANELS = (Panel("tenancy/panel.html", _people, Permission.MEMBERS_READ, order=20),)
