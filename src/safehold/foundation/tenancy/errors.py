"""What can go wrong with tenants, departments and members."""

from __future__ import annotations

from safehold.kernel.errors import Conflict, Denied

__all__ = ["AboveYou", "DepartmentInUse", "LastOwner"]


class LastOwner(Conflict):
    """A workspace always has an owner. Make somebody else an owner first."""

    code = "last-owner"


class AboveYou(Denied):
    """You can't give or change what reaches further than your own role and departments."""

    code = "above-you"


class DepartmentInUse(Conflict):
    """This department still has members or records. Move them first."""

    code = "department-in-use"
