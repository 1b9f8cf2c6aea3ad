"""Keeps Django's groups, permissions and content types out of the database."""

from __future__ import annotations

__all__ = ["NoGroupsOrPermissions"]

_WITHOUT_TABLES = frozenset({"auth", "contenttypes"})


class NoGroupsOrPermissions:
    """No table of auth or contenttypes is ever made: what a member may do is in the access matrix alone."""

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool | None:
        """False for the two apps; no opinion on any other."""
        return False if app_label in _WITHOUT_TABLES else None
