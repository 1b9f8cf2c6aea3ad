"""The permission matrix: seven roles and one kind of guest, what each may do, and which classes of field each may see.

This is the only truth. Checks call `can`, pages hide what `can` refuses, `docs/reference/access.md` is generated
from it, and the matrix test tries every cell.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "FIELD_READS",
    "FIELD_WRITES",
    "GRANTS",
    "GUEST_GRANTS",
    "NEEDS_SECOND_FACTOR",
    "FieldClass",
    "Guest",
    "Permission",
    "Role",
    "can",
]


class Role(StrEnum):
    """The seven built-in roles of a tenant."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    ACCOUNTANT = "accountant"
    HR = "hr"
    VIEWER = "viewer"
    EMPLOYEE = "employee"


class Guest(StrEnum):
    """Who is let into a tenant for one purpose and a time, and is no member: no role, no department, no field."""

    AUDITOR = "auditor"


class FieldClass(StrEnum):
    """How closely a field's values are kept. Everything above `open` is sealed at rest."""

    OPEN = "open"
    CONFIDENTIAL = "confidential"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Permission(StrEnum):
    """`<area>:<object>:<verb>`. Four are not grants but doors: `public`, `signed-in`, `member` and `staff`."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    MEMBER = "member"
    STAFF = "staff"

    ACTIVITY_READ = "audit:activity:read"
    ACTIVITY_EXPORT = "audit:activity:export"
    STREAMS_MANAGE = "audit:streams:manage"
    SUBJECTS_ERASE = "audit:subjects:erase"
    TOKENS_MANAGE = "identity:tokens:manage"
    COLLECTIONS_MANAGE = "records:collections:manage"
    RECORDS_READ = "records:records:read"
    RECORDS_CREATE = "records:records:create"
    RECORDS_EDIT = "records:records:edit"
    RECORDS_DELETE = "records:records:delete"
    RECORDS_IMPORT = "records:records:import"
    RECORDS_EXPORT = "records:records:export"
    SUPPORT_READ = "staff:access:read"
    SUPPORT_MANAGE = "staff:access:manage"
    DEPARTMENTS_MANAGE = "tenancy:departments:manage"
    GUESTS_MANAGE = "tenancy:guests:manage"
    MEMBERS_READ = "tenancy:members:read"
    MEMBERS_MANAGE = "tenancy:members:manage"
    SETTINGS_READ = "tenancy:settings:read"
    SETTINGS_MANAGE = "tenancy:settings:manage"
    USAGE_READ = "usage:counts:read"


_P = Permission
_READ = {_P.RECORDS_READ, _P.SETTINGS_READ}
_WRITE = {_P.RECORDS_CREATE, _P.RECORDS_EDIT}
_DATA = _READ | _WRITE | {_P.RECORDS_DELETE, _P.RECORDS_IMPORT, _P.RECORDS_EXPORT}
_ALL = frozenset(set(Permission) - {_P.PUBLIC, _P.SIGNED_IN, _P.MEMBER, _P.STAFF})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _ALL,
    Role.ADMIN: _ALL - {_P.SUBJECTS_ERASE, _P.GUESTS_MANAGE},
    Role.MANAGER: frozenset(_DATA | {_P.MEMBERS_READ, _P.ACTIVITY_READ, _P.SUPPORT_READ, _P.TOKENS_MANAGE}),
    Role.ACCOUNTANT: frozenset(_DATA | {_P.TOKENS_MANAGE}),
    Role.HR: frozenset(_DATA | {_P.MEMBERS_READ, _P.TOKENS_MANAGE}),
    Role.VIEWER: frozenset(_READ),
    Role.EMPLOYEE: frozenset(_READ | {_P.RECORDS_CREATE}),
}
"""What each role may do inside its tenant, on top of what every member may."""

GUEST_GRANTS: dict[Guest, frozenset[Permission]] = {
    Guest.AUDITOR: frozenset({_P.ACTIVITY_READ, _P.ACTIVITY_EXPORT}),
}
"""All that each kind of guest may do. The database opens the log alone to guests, whatever stands here."""

_C = FieldClass
FIELD_READS: dict[Role, frozenset[FieldClass]] = {
    Role.OWNER: frozenset(_C),
    Role.ADMIN: frozenset({_C.OPEN, _C.CONFIDENTIAL, _C.PERSONAL}),
    Role.MANAGER: frozenset({_C.OPEN, _C.CONFIDENTIAL}),
    Role.ACCOUNTANT: frozenset({_C.OPEN, _C.CONFIDENTIAL}),
    Role.HR: frozenset(_C),
    Role.VIEWER: frozenset({_C.OPEN}),
    Role.EMPLOYEE: frozenset({_C.OPEN}),
}
"""The classes of field whose values each role may see. A field of another class is absent, not blanked."""

FIELD_WRITES: dict[Role, frozenset[FieldClass]] = FIELD_READS
"""Who may see a field may write it, if the role may edit records at all."""

NEEDS_SECOND_FACTOR: frozenset[Role | Guest] = frozenset({Role.OWNER, Role.ADMIN, Guest.AUDITOR})
"""Who reaches nothing but enrolment before a second factor is set up. Platform staff are the other case."""


def can(role: Role | Guest | None, permission: Permission) -> bool:
    """Whether a member with `role`, or a guest, may use `permission`; None is somebody who is neither."""
    if permission is Permission.PUBLIC:
        return True
    if role is None:
        return False
    if isinstance(role, Guest):
        return permission is Permission.SIGNED_IN or permission in GUEST_GRANTS[role]
    return permission in (Permission.SIGNED_IN, Permission.MEMBER) or permission in GRANTS[role]
