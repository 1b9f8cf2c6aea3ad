"""What each role is for, in a line each: for the pages where one is given."""

from __future__ import annotations

from safehold.foundation.access.matrix import Role

__all__ = ["ROLES"]

ROLES: tuple[tuple[Role, str], ...] = (
    (Role.OWNER, "Everything, and every field. Needs a second factor."),
    (Role.ADMIN, "Everything but sensitive fields. Needs a second factor."),
    (Role.MANAGER, "Records up to confidential fields, members and activity to read."),
    (Role.ACCOUNTANT, "Records up to confidential fields."),
    (Role.HR, "Records with every field, members to read."),
    (Role.VIEWER, "Reads open fields."),
    (Role.EMPLOYEE, "Reads open fields and adds records."),
)
