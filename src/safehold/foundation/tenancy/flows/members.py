"""Inviting, changing and removing a tenant's people.

Two guards hold everywhere: a tenant always has an active owner, and nobody gives or changes what reaches further than
they do themselves, by role (only owners touch owners) or by department.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction

from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.audit import flows as audit
from safehold.foundation.keys import flows as keys
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.tenancy import events, signals
from safehold.foundation.tenancy.errors import AboveYou, LastOwner
from safehold.foundation.tenancy.flows.departments import lock_tenant
from safehold.foundation.tenancy.models import Department, Member, Status
from safehold.foundation.tenancy.values import Values
from safehold.kernel.errors import Conflict, NotFound
from safehold.kernel.event import EventType

__all__ = ["change_member", "erase_member", "invite_member", "join_member", "remove_member", "update_copies"]


def invite_member(*, scope: Scope, email: str, role: str, departments: Iterable[int] = (), name: str = "") -> Member:
    """Give somebody a place in the tenant, to be taken with a link. Whoever is invited again gets a new link."""
    scope.require(Permission.MEMBERS_MANAGE)
    lock_tenant(scope)
    every = _every_department(scope)
    values = Values()
    row = Member(
        tenant_id=scope.tenant,
        email=values.email("email", email),
        name=values.name("name", name) if name else "",
        role=values.role("role", role).value,
        departments=values.departments("departments", departments, every),
    )
    values.check("The invitation can't be sent like this.")
    _within_reach(scope, Role(row.role), row.departments, every)
    present = Member.objects.filter(tenant_id=scope.tenant, email=row.email).exclude(status=Status.LEFT).first()
    if present is not None and present.status == Status.ACTIVE:
        raise Conflict(f"{row.email} is a member already.", hint="Change the role in the list of members.")
    if present is not None:
        _within_reach(scope, Role(present.role), present.departments, every)
        row.id, row.created_at = present.id, present.created_at
    row.save(force_update=present is not None, force_insert=present is None)
    _record(scope, events.MEMBER_INVITED, row, role=row.role, departments=_listed(row.departments))
    signals.member_invited.send(sender=Member, scope=scope, member=row.id)
    return row


def join_member(*, scope: Scope, member_id: UUID, account_id: UUID, email: str, name: str) -> Member:
    """Let an account take the place it was invited to. `scope` is the system's, in the tenant of the invitation."""
    lock_tenant(scope)
    row = _present(scope, member_id)
    if row.status != Status.INVITED:
        raise Conflict("This invitation was taken already.")
    row.account_id, row.email, row.name, row.status = account_id, email.lower(), name, Status.ACTIVE
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict("You are a member of this workspace already.") from None
    _record(scope, events.MEMBER_JOINED, row, role=row.role)
    return row


def change_member(
    *, scope: Scope, member_id: UUID, role: str | None = None, departments: Iterable[int] | None = None
) -> Member:
    """Change a member's role or departments; None leaves them. Sessions under the old ones are ended by who listens."""
    scope.require(Permission.MEMBERS_MANAGE)
    lock_tenant(scope)
    row = _present(scope, member_id)
    every = _every_department(scope)
    values = Values()
    wanted = values.role("role", row.role if role is None else role)
    reach = values.departments("departments", row.departments if departments is None else departments, every)
    values.check("The member can't be changed like this.")
    _within_reach(scope, Role(row.role), row.departments, every)
    _within_reach(scope, wanted, reach, every)
    if wanted is not Role.OWNER:
        _keep_an_owner(row)
    if (row.role, list(row.departments)) == (wanted.value, reach):
        return row
    before = {"role_before": row.role, "departments_before": _listed(row.departments)}
    row.role, row.departments = wanted.value, reach
    row.save(update_fields=["role", "departments"])
    _record(scope, events.MEMBER_CHANGED, row, **before, role=row.role, departments=_listed(reach))
    signals.member_changed.send(sender=Member, scope=scope, member=row.id)
    return row


def remove_member(*, scope: Scope, member_id: UUID) -> None:
    """End a membership. Everybody may end their own; the row stays, so that events keep a name to show."""
    if member_id != scope.member_id:
        scope.require(Permission.MEMBERS_MANAGE)
    lock_tenant(scope)
    row = _present(scope, member_id)
    if member_id != scope.member_id:
        _within_reach(scope, Role(row.role), row.departments, _every_department(scope))
    _keep_an_owner(row)
    row.status, row.left_at = Status.LEFT, now()
    row.save(update_fields=["status", "left_at"])
    _record(scope, events.MEMBER_REMOVED, row, role=row.role)
    signals.member_removed.send(sender=Member, scope=scope, member=row.id)


def erase_member(*, scope: Scope, member_id: UUID) -> None:
    """Erase the personal details of somebody who left: from the list of members, and from every event of the log.

    No event changes: the keys that their details were sealed under are destroyed. What they did stays, under nobody's
    name. Whoever is still here, or is here again, is removed first.
    """
    scope.require(Permission.SUBJECTS_ERASE)
    lock_tenant(scope)
    row = Member.objects.filter(tenant_id=scope.tenant, id=member_id).first()
    if row is None:
        raise NotFound("There is no such member.")
    again = Member.objects.filter(tenant_id=scope.tenant, account_id=row.account_id).exclude(status=Status.LEFT)
    if row.status != Status.LEFT or (row.account_id and again.exists()):
        raise Conflict("Only of somebody who has left can the details be erased.", hint="Remove the member first.")
    subjects = [f"member:{row.id}", *([f"account:{row.account_id}"] if row.account_id else [])]
    row.email, row.name = "", ""
    row.save(update_fields=["email", "name"])
    for subject in subjects:
        keys.destroy_subject(scope=scope, subject=subject)


def update_copies(*, scope: Scope, account_id: UUID, email: str, name: str) -> None:
    """Bring the tenant's copy of an account's name and address up to date."""
    rows = Member.objects.filter(tenant_id=scope.tenant, account_id=account_id).exclude(status=Status.LEFT)
    rows.update(email=email.lower(), name=name)


def _present(scope: Scope, member_id: UUID) -> Member:
    row = Member.objects.filter(tenant_id=scope.tenant, id=member_id).exclude(status=Status.LEFT).first()
    if row is None:
        raise NotFound("There is no such member.")
    return row


def _every_department(scope: Scope) -> set[int]:
    return set(Department.objects.filter(tenant_id=scope.tenant).values_list("number", flat=True))


def _within_reach(scope: Scope, role: Role, departments: Iterable[int], every: set[int]) -> None:
    """Raise `AboveYou` unless the scope may deal with somebody of this role and these departments (none: all)."""
    if role is Role.OWNER and scope.role is not Role.OWNER:
        raise AboveYou
    if not (set(departments) or every) <= set(scope.departments):
        raise AboveYou


def _keep_an_owner(row: Member) -> None:
    owners = Member.objects.filter(tenant_id=row.tenant_id, role=Role.OWNER, status=Status.ACTIVE)
    if row.role == Role.OWNER and row.status == Status.ACTIVE and not owners.exclude(id=row.id).exists():
        raise LastOwner


def _listed(departments: Iterable[int]) -> str:
    return ", ".join(str(number) for number in departments) or "all"


def _record(scope: Scope, event: EventType, row: Member, **fields: str) -> None:
    audit.record(scope, event, on=f"member:{row.id}", fields=fields, personal={"email": row.email})
