"""This room's entry in the side navigation."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.ui.navigation import NavItem

__all__ = ["NAVIGATION"]

NAVIGATION = (
    NavItem(
        "Collections",
        "database",
        "collections",
        Permission.RECORDS_READ,
        order=10,
        prefix=("collection", "record", "import"),
    ),
)
