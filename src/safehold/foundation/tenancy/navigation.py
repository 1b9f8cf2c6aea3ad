"""This room's entries in the side navigation."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.ui.navigation import NavItem

__all__ = ["NAVIGATION"]

NAVIGATION = (
    NavItem("Home", "house", "tenant-home", Permission.MEMBER, order=0),
    NavItem("Members", "users", "members", Permission.MEMBERS_READ, group="Workspace", order=60, prefix="member"),
    NavItem(
        "Departments",
        "layers",
        "departments",
        Permission.SETTINGS_READ,
        group="Workspace",
        order=62,
        prefix="department",
    ),
    NavItem(
        "Auditors", "scan-search", "auditors", Permission.GUESTS_MANAGE, group="Workspace", order=72, prefix="auditor"
    ),
    NavItem(
        "Settings", "settings", "settings", Permission.SETTINGS_READ, group="Workspace", order=90, prefix="settings"
    ),
    NavItem("Workspaces", "building", "workspaces", Permission.SIGNED_IN, place="account", order=10),
)
