"""Asking for a look into a tenant, deciding about it, and ending it.

Staff ask; the tenant is told at once, and where it wants to, decides. Whatever its setting says, a grant is never
longer than asked for, never opens again, and ends by its own times.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import selectors
from safehold.foundation.staff.conf import DECIDE_WITHIN, longest_minutes
from safehold.foundation.staff.errors import AlreadyOpen, NotWaiting
from safehold.foundation.staff.events import (
    SUPPORT_ASKED,
    SUPPORT_CONSENT,
    SUPPORT_ENDED,
    SUPPORT_OPENED,
    SUPPORT_REFUSED,
)
from safehold.foundation.staff.flows.telling import about, announce, note_denial, tell_both
from safehold.foundation.staff.models import Consent, Grant, StaffMember
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Conflict, Denied, Invalid, Problem
from safehold.kernel.event import EventType

__all__ = [
    "approve_access",
    "approve_by_code",
    "end_access",
    "end_grants_of",
    "grant_access",
    "refuse_access",
    "request_access",
    "require_approval",
]


def request_access(*, scope: Scope, slug: str, case: str, reason: str, minutes: int) -> Grant:
    """Ask, as one of the staff, to look into the tenant that `slug` names. `scope` is the account's own."""
    member = selectors.acting_staff(scope)
    return _ask(scope, member, f"staff:{member.account_id}", slug, (case, reason, minutes))


def grant_access(*, scope: Scope, email: str, slug: str, case: str, reason: str, minutes: int) -> Grant:
    """Ask, as the platform's operator, that one of the staff may look. The tenant has the same say in it."""
    member = selectors.by_email(scope, email)
    if member.left_at is not None:
        raise Conflict(f"{member.name} has left the staff.")
    return _ask(scope, member, scope.actor, slug, (case, reason, minutes))


def _ask(scope: Scope, member: StaffMember, actor: str, slug: str, wish: tuple[str, str, int]) -> Grant:
    case, reason = (" ".join(text.split()) for text in wish[:2])
    _check(case, reason, wish[2])
    outside = Scope(Kind.PLATFORM, actor=actor, address=scope.address)
    with scoped(outside):
        tenant_id = tenancy.tenant_by_slug(outside, slug).id
        if selectors.unended(member.account_id).filter(tenant_id=tenant_id).exists():
            raise AlreadyOpen
    inside, moment = selectors.acting_in(scope, tenant_id, actor), now()
    with scoped(inside):
        row = Grant(
            id=new_id(),
            tenant_id=tenant_id,
            account_id=member.account_id,
            staff_name=member.name,
            case_number=case,
            reason=reason,
            minutes=wish[2],
            needs_approval=selectors.needs_approval(inside),
            requested_at=moment,
            requested_by=actor,
            decide_by=moment + DECIDE_WITHIN,
        )
        if not row.needs_approval:
            _open(row, moment)
        row.save(force_insert=True)
        announce(inside=inside, row=row)
    fields = {**about(row), "minutes": row.minutes, "needs_approval": row.needs_approval}
    personal = {"staff": row.staff_name, "reason": row.reason}
    on, about_whom = f"support:{row.id}", row.account_id
    tell_both(inside=inside, event=SUPPORT_ASKED, on=on, fields=fields, personal=personal, staff=about_whom)
    if row.until_at:
        _tell_opened(inside, row)
    return row


def _check(case: str, reason: str, minutes: int) -> None:
    longest, problems = longest_minutes(), []
    if not 1 <= len(case) <= 60:
        problems.append(Problem("case", "the number of the support case, up to 60 characters", case[:60]))
    if not 10 <= len(reason) <= 500:
        problems.append(Problem("reason", "10 to 500 characters that the workspace's owners will read", reason[:60]))
    if not 1 <= minutes <= longest:
        problems.append(Problem("minutes", f"a number of minutes from 1 to {longest}", str(minutes)))
    if problems:
        raise Invalid("Nobody looks into a workspace like this.", problems=tuple(problems))


def _open(row: Grant, moment: datetime) -> None:
    row.from_at, row.until_at = moment, moment + timedelta(minutes=row.minutes)


def _tell_opened(inside: Scope, row: Grant) -> None:
    approver = f"member:{row.approved_by}" if row.approved_by else "nobody"
    until = row.until_at.isoformat(timespec="seconds") if row.until_at else ""
    fields = {**about(row), "until": until, "approver": approver}
    _tell(inside, SUPPORT_OPENED, row, fields)


def _tell(inside: Scope, event: EventType, row: Grant, fields: dict[str, str]) -> None:
    tell_both(
        inside=inside,
        event=event,
        on=f"support:{row.id}",
        fields=fields,
        personal={"staff": row.staff_name},
        staff=row.account_id,
    )


def _decided(scope: Scope, grant_id: UUID) -> Grant:
    """A waiting request, held, for a member who may decide about it."""
    scope.require(Permission.SUPPORT_MANAGE)
    if scope.member_id is None:
        raise Denied("An owner or admin of the workspace decides this in person.")
    selectors.grant(scope, grant_id)
    row = Grant.objects.select_for_update().get(tenant_id=scope.tenant, id=grant_id)
    if row.account_id == scope.account_id:
        raise Denied("Somebody else has to decide about your own request.")
    if selectors.state_of(row, now()) != "waiting":
        raise NotWaiting
    return row


def approve_access(*, scope: Scope, grant_id: UUID) -> Grant:
    """Let staff in, as an owner or admin of the tenant. The time counts from now."""
    row, moment = _decided(scope, grant_id), now()
    row.approved_at, row.approved_by = moment, scope.member_id
    _open(row, moment)
    row.save()
    _tell_opened(scope, row)
    return row


def approve_by_code(*, scope: Scope, grant_id: UUID, code: str) -> Grant:
    """Approve for the owner or admin to whom this code was mailed. `scope` is the platform's."""
    tenancy.require_platform(scope)
    row = selectors.grant(scope, grant_id)
    inside = selectors.acting_in(scope, row.tenant_id)
    given = "".join(char for char in code.upper() if char.isalnum()).encode()
    with scoped(inside):
        for member_id in selectors.deciders(inside):
            if hmac.compare_digest(selectors.approval_code(row.id, member_id).replace("-", "").encode(), given):
                member = tenancy.scope_of_member(scope=inside, member_id=member_id)
                break
        else:
            why = "a code that nobody was mailed"
            route = "safehold staff approve"
            note_denial(inside=inside, route=route, why=why, staff=row.account_id, staff_name=row.staff_name)
            raise Denied("This isn't a code that was mailed to an owner or admin for this request.")
    with scoped(member):
        return approve_access(scope=member, grant_id=grant_id)


def refuse_access(*, scope: Scope, grant_id: UUID) -> Grant:
    """Refuse staff, as an owner or admin of the tenant."""
    row = _decided(scope, grant_id)
    row.refused_at, row.refused_by = now(), scope.member_id
    row.save()
    _tell(scope, SUPPORT_REFUSED, row, about(row))
    return row


def end_access(*, scope: Scope, grant_id: UUID) -> Grant:
    """End a grant before its time, or take a request back: who asked, the tenant's owners and admins, the platform."""
    if scope.kind is Kind.TENANT:
        scope.require(Permission.SUPPORT_MANAGE)
    row = selectors.grant(scope, grant_id)
    if not selectors.GrantView(row, selectors.state_of(row, now())).alive:
        raise Conflict("This support access has ended already.")
    actor = f"staff:{scope.account_id}" if scope.kind is Kind.ACCOUNT else scope.actor
    inside = scope if scope.kind is Kind.TENANT else selectors.acting_in(scope, row.tenant_id, actor)
    return _end(inside, row, "it was ended by hand")


def end_grants_of(*, scope: Scope, account_id: UUID, why: str) -> int:
    """End every grant and request of one of the staff, in the open transaction. Platform scope. How many there were."""
    tenancy.require_platform(scope)
    rows = list(selectors.unended(account_id))
    for row in rows:
        _end(selectors.acting_in(scope, row.tenant_id), row, why)
    return len(rows)


def _end(inside: Scope, row: Grant, why: str) -> Grant:
    with scoped(inside):
        row = Grant.objects.select_for_update().get(tenant_id=row.tenant_id, id=row.id)
        if row.ended_at is None:
            row.ended_at, row.ended_by = now(), inside.actor
            row.save(update_fields=["ended_at", "ended_by"])
            _tell(inside, SUPPORT_ENDED, row, {**about(row), "why": why})
    return row


def require_approval(*, scope: Scope, needed: bool) -> None:
    """Say whether staff come in only after the tenant has approved. What is open stays as it is."""
    scope.require(Permission.SUPPORT_MANAGE)
    if selectors.needs_approval(scope) == needed:
        return
    values = {"needs_approval": needed, "changed_at": now(), "changed_by": scope.actor}
    Consent.objects.update_or_create(tenant_id=scope.tenant, defaults=values)
    audit.record(scope, SUPPORT_CONSENT, on=f"tenant:{scope.tenant}", fields={"needed": needed})
