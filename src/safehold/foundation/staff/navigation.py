"""This room's entries in the side navigation."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.ui.navigation import NavItem

__all__ = ["NAVIGATION"]

NAVIGATION = (
    NavItem(
        "Support access", "life-buoy", "support", Permission.SUPPORT_READ, group="Workspace", order=88, prefix="support"
    ),
    NavItem("Support access", "life-buoy", "staff", Permission.STAFF, place="account", order=5),
)
