"""Events about tenants, departments and members. People's names and addresses are personal fields."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = [
    "DEPARTMENT_CREATED",
    "DEPARTMENT_DELETED",
    "DEPARTMENT_RENAMED",
    "GUEST_ENDED",
    "GUEST_INVITED",
    "GUEST_JOINED",
    "KINDS",
    "MEMBER_CHANGED",
    "MEMBER_INVITED",
    "MEMBER_JOINED",
    "MEMBER_REMOVED",
    "TENANT_CHANGED",
    "TENANT_CREATED",
    "TENANT_PLAN_CHANGED",
]

_REACH = ("role", "departments")

TENANT_CREATED = EventType("tenant.created", "The workspace {slug} was created on the plan {plan}", ("slug", "plan"))
TENANT_CHANGED = EventType("tenant.changed", "The workspace's settings were changed: {changed}", ("changed",))
TENANT_PLAN_CHANGED = EventType("tenant.plan-changed", "The plan went from {before} to {after}", ("before", "after"))

DEPARTMENT_CREATED = EventType("department.created", "Department {number} was created", ("number",))
DEPARTMENT_RENAMED = EventType("department.renamed", "Department {number} was renamed", ("number",))
DEPARTMENT_DELETED = EventType("department.deleted", "Department {number} was deleted", ("number",))

MEMBER_INVITED = EventType(
    "member.invited", "{email} was invited as {role}, departments {departments}", _REACH, ("email",), security=True
)
MEMBER_JOINED = EventType("member.joined", "{email} joined as {role}", ("role",), ("email",), security=True)
MEMBER_CHANGED = EventType(
    "member.changed",
    "{email} went from {role_before}, departments {departments_before}, to {role}, departments {departments}",
    ("role_before", "departments_before", *_REACH),
    ("email",),
    security=True,
)
MEMBER_REMOVED = EventType(
    "member.removed", "{email} ({role}) left or was removed", ("role",), ("email",), security=True
)

_PLACE = ("kind", "until")

GUEST_INVITED = EventType(
    "guest.invited", "{email} was invited as {kind} until {until}", _PLACE, ("email",), security=True
)
GUEST_JOINED = EventType("guest.joined", "{email} came in as {kind} until {until}", _PLACE, ("email",), security=True)
GUEST_ENDED = EventType("guest.ended", "{email} ({kind}) has no access any more", _PLACE, ("email",), security=True)
KINDS: dict[str, FieldKind] = {
    "kind": Kind.CODE,
    "until": Kind.MOMENT,
    "slug": Kind.KEY,
    "plan": Kind.CODE,
    "changed": Kind.KEY,
    "before": Kind.CODE,
    "after": Kind.CODE,
    "number": Kind.COUNT,
    "role": Kind.CODE,
    "departments": Kind.WORDS,
    "role_before": Kind.CODE,
    "departments_before": Kind.WORDS,
}
"""What each plain field holds."""
