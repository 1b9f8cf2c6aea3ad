"""What the start page of a workspace shows of its activity."""

from __future__ import annotations

from typing import Any

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import selectors
from safehold.foundation.scope.scope import Scope
from safehold.ui.panels import Panel

__all__ = ["PANELS"]


def _latest(scope: Scope) -> dict[str, Any]:
    return {"events": selectors.activity(scope=scope, limit=6).events}


PANELS = (Panel("audit/panel.html", _latest, Permission.ACTIVITY_READ, order=50),)
