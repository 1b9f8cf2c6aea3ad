"""This room's entry in the side navigation."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.ui.navigation import NavItem

__all__ = ["NAVIGATION"]

NAVIGATION = (
    NavItem("Usage", "chart-column", "usage", Permission.USAGE_READ, group="Workspace", order=75, prefix="usage"),
)
