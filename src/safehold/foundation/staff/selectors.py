"""Reads of the staff's register and of grants, and the one place where a staff scope is made."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff.models import Consent, Grant, StaffMember
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Denied, NotFound

__all__ = [
    "Access",
    "GrantView",
    "acting_in",
    "acting_staff",
    "approval_code",
    "by_email",
    "deciders",
    "everybody",
    "grant",
    "grants",
    "names_of",
    "needs_approval",
    "open_access",
    "state_of",
    "unended",
]

_DECIDERS = frozenset({Role.OWNER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant as people see it. `state` is waiting, open, refused, lapsed or ended."""

    row: Grant
    state: str
    slug: str = ""
    """The tenant's, for views from outside of it."""

    @property
    def reference(self) -> str:
        """What its events stand under."""
        return f"support:{self.row.id}"

    @property
    def alive(self) -> bool:
        """Whether it is open, or may still be."""
        return self.state in ("open", "waiting")


@dataclass(frozen=True, slots=True)
class Access:
    """A grant in use: the scope it opens, and the one that its events are written in, in the tenant's log."""

    grant: Grant
    scope: Scope
    inside: Scope

    @property
    def approver(self) -> str:
        """Who approved it, as events name them; "nobody" where the tenant only wants to be told."""
        return f"member:{self.grant.approved_by}" if self.grant.approved_by else "nobody"


def state_of(row: Grant, moment: datetime) -> str:
    """Where a grant stands at a moment. Nothing has to run for it to end: the times say so."""
    if row.refused_at:
        return "refused"
    if row.ended_at or (row.until_at and row.until_at <= moment):
        return "ended"
    if row.from_at:
        return "open"
    return "waiting" if row.decide_by > moment else "lapsed"


def everybody(scope: Scope) -> QuerySet[StaffMember]:
    """The staff's register, those who left among them, by name. Platform scope."""
    tenancy.require_platform(scope)
    return StaffMember.objects.order_by("left_at", "name")


def by_email(scope: Scope, email: str) -> StaffMember:
    """One of the staff by address; who left is found too. Platform scope."""
    found = everybody(scope).filter(email=email.strip().lower()).first()
    if found is None:
        raise NotFound(f"Nobody on the staff has the address {email}.", hint="'safehold staff list' names them all.")
    return found


def acting_staff(scope: Scope) -> StaffMember:
    """The row of whoever acts, outside of any tenant; `Denied` for who isn't on the staff now."""
    scope.require(Permission.STAFF)
    rows = StaffMember.objects.filter(left_at=None)
    found = rows.filter(account_id=scope.account_id).first() if scope.account_id else None
    if found is None:
        raise Denied("You are not on the staff's register.", permission=Permission.STAFF.value)
    return found


def grants(scope: Scope) -> list[GrantView]:
    """The newest hundred grants that the scope is shown: a tenant's, one's own, or for the platform all."""
    if scope.kind is Kind.TENANT:
        scope.require(Permission.SUPPORT_READ)
        rows = Grant.objects.filter(tenant_id=scope.tenant)
    elif scope.kind is Kind.PLATFORM:
        rows = Grant.objects.all()
    else:
        rows = Grant.objects.filter(account_id=acting_staff(scope).account_id)
    found, moment = list(rows.order_by("-requested_at")[:100]), now()
    slugs = {} if scope.kind is Kind.TENANT else _slugs(row.tenant_id for row in found)
    return [GrantView(row, state_of(row, moment), slugs.get(row.tenant_id, "")) for row in found]


def grant(scope: Scope, grant_id: UUID) -> Grant:
    """One grant that the scope is shown."""
    rows = Grant.objects.filter(id=grant_id)
    if scope.kind is Kind.TENANT:
        scope.require(Permission.SUPPORT_READ)
        rows = rows.filter(tenant_id=scope.tenant)
    elif scope.kind is not Kind.PLATFORM:
        rows = rows.filter(account_id=acting_staff(scope).account_id)
    found = rows.first()
    if found is None:
        raise NotFound("There is no such support access.")
    return found


def unended(account_id: UUID | None = None) -> QuerySet[Grant]:
    """The grants that are open or may still be decided, of one account or of all that the open scope is shown."""
    moment = now()
    waiting = Q(from_at=None, refused_at=None, decide_by__gt=moment)
    found = Grant.objects.filter(Q(until_at__gt=moment) | waiting, ended_at=None)
    return found.filter(account_id=account_id) if account_id else found


def needs_approval(scope: Scope) -> bool:
    """Whether the scope's tenant lets staff in only after it has approved."""
    return Consent.objects.filter(tenant_id=scope.tenant, needs_approval=True).exists()


def deciders(scope: Scope) -> dict[UUID, str]:
    """The addresses of the tenant's owners and admins by member: who is told, and who may decide."""
    found = tenancy.members(scope, status="active")
    return {each.id: each.email for each in found if Role(each.role) in _DECIDERS and not each.departments}


def approval_code(grant_id: UUID, member_id: UUID) -> str:
    """The code in the mail to one owner or admin: with it they approve by telephone, when they can't sign in."""
    digest = salted_hmac("safehold.staff.approval", f"{grant_id}:{member_id}", algorithm="sha256").digest()
    text = base64.b32encode(digest[:10]).decode()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def acting_in(scope: Scope, tenant_id: UUID, actor: str = "") -> Scope:
    """The scope in which a tenant's log hears of what `scope` does; the platform's acts reach no further there."""
    inside = tenancy.system_scope(tenant_id, "staff")
    return replace(inside, actor=actor or scope.actor, address=scope.address)


def open_access(*, account_id: UUID, slug: str, address: str) -> Access | None:
    """What a grant opens to one of the staff in the tenant that `slug` names, now; None without one."""
    own = Scope(Kind.ACCOUNT, actor=f"staff:{account_id}", account_id=account_id, address=address, staff=True)
    with scoped(own):
        found = {row.tenant_id: row for row in unended(account_id).exclude(from_at=None)}
    matching = [tenant for tenant, its_slug in _slugs(found).items() if its_slug == slug]
    if not matching:
        return None
    inside = acting_in(own, matching[0])
    scope = replace(inside, kind=Kind.STAFF, account_id=account_id, role=Role.VIEWER)
    return Access(found[matching[0]], scope, inside)


def names_of(scope: Scope, account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What staff who looked into the scope's tenant are called."""
    rows = Grant.objects.filter(tenant_id=scope.tenant, account_id__in=list(account_ids))
    return dict(rows.values_list("account_id", "staff_name"))


def _slugs(ids: Iterable[UUID]) -> dict[UUID, str]:
    with scoped(tenancy.platform_scope("staff")) as platform:
        return tenancy.slugs_of(platform, ids)
