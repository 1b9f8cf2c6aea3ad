"""This room's entry in the side navigation."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.ui.navigation import NavItem

__all__ = ["NAVIGATION"]

NAVIGATION = (
    NavItem("Anchors", "anchor", "anchors", Permission.SETTINGS_MANAGE, group="Workspace", order=72, prefix="anchor"),
)
