"""Letting a guest in for one purpose and a time, and ending that: an auditor reads the log and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from safehold.foundation.access.matrix import Guest as Kind, Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.keys import flows as keys
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.tenancy import events, selectors, signals
from safehold.foundation.tenancy.flows.departments import lock_tenant
from safehold.foundation.tenancy.models import Guest, Member, Status
from safehold.foundation.tenancy.values import Values
from safehold.kernel.errors import Conflict
from safehold.kernel.event import EventType

__all__ = ["LONGEST_DAYS", "end_guest", "erase_guest", "invite_guest", "join_guest"]

LONGEST_DAYS = 366
"""Every guest's place ends. A year and a day, as for tokens: who audits each year is invited each year."""


def invite_guest(*, scope: Scope, email: str, until: datetime, name: str = "", kind: Kind = Kind.AUDITOR) -> Guest:
    """Give somebody outside a guest's place until a moment, to be taken with a link that is mailed to them."""
    scope.require(Permission.GUESTS_MANAGE)
    lock_tenant(scope)
    moment, values = now(), Values()
    row = Guest(
        tenant_id=scope.tenant,
        kind=kind.value,
        email=values.email("email", email),
        name=values.name("name", name) if name else "",
        until_at=until,
        invited_at=moment,
        invited_by=scope.actor,
    )
    if not moment < until <= moment + timedelta(days=LONGEST_DAYS):
        values.refuse("until", f"a moment from now on, {LONGEST_DAYS} days ahead at most", until.date())
    values.check("The invitation can't be sent like this.")
    if Member.objects.filter(tenant_id=scope.tenant, email=row.email).exclude(status=Status.LEFT).exists():
        raise Conflict(
            f"{row.email} is a member of this workspace.", hint="A member with a role needs no guest's place."
        )
    _make_room(scope, row.email)
    row.save(force_insert=True)
    _record(scope, events.GUEST_INVITED, row)
    signals.guest_invited.send(sender=Guest, scope=scope, guest=row.id)
    return row


def join_guest(*, scope: Scope, guest_id: UUID, account_id: UUID, email: str, name: str) -> Guest:
    """Let an account take the guest's place it was invited to. `scope` is the system's, in the tenant that invites."""
    lock_tenant(scope)
    row = selectors.guest(scope, guest_id)
    if row.status != Status.INVITED:
        raise Conflict("This invitation was taken already, or has ended.")
    row.account_id, row.email, row.name, row.accepted_at = account_id, email.lower(), name, now()
    try:
        with transaction.atomic():
            row.save(update_fields=["account_id", "email", "name", "accepted_at"])
    except IntegrityError:
        raise Conflict("You are a guest of this workspace already.") from None
    _record(scope, events.GUEST_JOINED, row)
    return row


def end_guest(*, scope: Scope, guest_id: UUID) -> Guest:
    """End a guest's place before its time. From this moment the database opens nothing to them."""
    scope.require(Permission.GUESTS_MANAGE)
    lock_tenant(scope)
    row = selectors.guest(scope, guest_id)
    if row.status != Status.LEFT:
        _end(scope, row)
    return row


def erase_guest(*, scope: Scope, guest_id: UUID) -> None:
    """Erase the personal details of a guest whose place has ended, from the list and from every event of the log."""
    scope.require(Permission.SUBJECTS_ERASE)
    lock_tenant(scope)
    row = selectors.guest(scope, guest_id)
    if row.status != Status.LEFT:
        raise Conflict("Only of a guest whose place has ended can the details be erased.", hint="End it first.")
    if row.ended_at is None:
        _end(scope, row)  # its time is over: without an address it must not look as if it could be taken
    row.email, row.name = "", ""
    row.save(update_fields=["email", "name"])
    keys.destroy_subject(scope=scope, subject=f"guest:{row.id}")


def _make_room(scope: Scope, email: str) -> None:
    """One place an address: one that is still to be taken is replaced, one whose time is over is closed."""
    for present in Guest.objects.filter(tenant_id=scope.tenant, email=email, ended_at=None):
        if present.status == Status.ACTIVE:
            raise Conflict(f"{email} is a guest already.", hint="End that place first, or let it run out.")
        _end(scope, present)


def _end(scope: Scope, row: Guest) -> None:
    row.ended_at = now()
    row.save(update_fields=["ended_at"])
    _record(scope, events.GUEST_ENDED, row)
    signals.guest_ended.send(sender=Guest, scope=scope, guest=row.id)


def _record(scope: Scope, event: EventType, row: Guest) -> None:
    fields = {"kind": row.kind, "until": row.until_at.isoformat(timespec="seconds")}
    audit.record(scope, event, on=f"guest:{row.id}", fields=fields, personal={"email": row.email})
