"""Reads of tenants, departments and members, and the one place where a member's scope is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet

from safehold.foundation.access import plans
from safehold.foundation.access.errors import NotInPlan
from safehold.foundation.access.matrix import Guest as GuestKind, Permission, Role
from safehold.foundation.access.plans import Amount, Feature
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy.models import Department, Guest, Member, Status, Tenant
from safehold.kernel.errors import Denied, NotFound

__all__ = [
    "Membership",
    "account_of_member",
    "canaries",
    "counts",
    "deciders",
    "department",
    "departments",
    "guest",
    "guest_names",
    "guests",
    "list_tenants",
    "member",
    "member_names",
    "members",
    "memberships_of",
    "plan_amount",
    "plan_refusal",
    "platform_scope",
    "require_feature",
    "require_platform",
    "scope_of_member",
    "scopes_of",
    "slugs_of",
    "system_scope",
    "tenant",
    "tenant_by_slug",
    "tenant_id_of",
    "tenant_scope",
]


T = TypeVar("T")
_FEW = 5


@dataclass(frozen=True, slots=True)
class Membership:
    """One tenant that an account may open."""

    tenant_id: UUID
    slug: str
    name: str
    role: Role | GuestKind

    @property
    def start(self) -> str:
        """The name of the page that it opens with."""
        return "activity" if isinstance(self.role, GuestKind) else "tenant-home"


def platform_scope(process: str) -> Scope:
    """The scope of a process that acts for the platform: it reaches the register of tenants, and no tenant's rows."""
    return Scope(Kind.PLATFORM, actor=f"system:{process}")


def system_scope(tenant_id: UUID, process: str) -> Scope:
    """The scope of a process that acts inside one tenant for the system: an owner's rights, every department."""
    bare = Scope(Kind.TENANT, actor=f"system:{process}", tenant_id=tenant_id, role=Role.OWNER)
    with scoped(bare):
        numbers = _numbers(tenant_id)
    if not numbers:
        raise NotFound("There is no such workspace.")
    return Scope(Kind.TENANT, actor=bare.actor, tenant_id=tenant_id, role=Role.OWNER, departments=numbers)


def tenant_scope(*, account_id: UUID, slug: str, address: str) -> Scope:
    """The scope of an account in the tenant that `slug` names. `NotFound` for strangers and absent tenants alike."""
    with scoped(_account_scope(account_id, address)):
        found = _active(account_id).filter(tenant__slug=slug).first()
        place = _open_places(account_id).filter(tenant__slug=slug).first() if found is None else None
    if place is not None:
        return _guest_scope(place, address)
    if found is None:
        raise NotFound("There is no workspace here that you can open.")
    return _scope(found, address)


def scopes_of(*, scope: Scope) -> list[Scope]:
    """The scopes of every tenant that an account, whose own scope is given, is an active member of."""
    return [_scope(found, scope.address) for found in _active(_account_of(scope))]


def memberships_of(account_id: UUID) -> list[Membership]:
    """The tenants that an account may open, by name; those where it is only a guest come last."""
    with scoped(_account_scope(account_id, "")):
        rows = _active(account_id).select_related("tenant").order_by("tenant__name")
        found = [Membership(row.tenant_id, row.tenant.slug, row.tenant.name, Role(row.role)) for row in rows]
        places = _open_places(account_id).select_related("tenant").order_by("tenant__name")
        known = {each.tenant_id for each in found}
        return found + [
            Membership(row.tenant_id, row.tenant.slug, row.tenant.name, GuestKind(row.kind))
            for row in places
            if row.tenant_id not in known
        ]


def scope_of_member(*, scope: Scope, member_id: UUID) -> Scope:
    """The scope that a member of the scope's tenant has: for tokens, jobs and probes that act as somebody."""
    row = _with_every_department(Member.objects.filter(tenant_id=scope.tenant, id=member_id)).first()
    if row is None or row.status != Status.ACTIVE:
        raise NotFound("There is no such member.")
    return _scope(row, scope.address)


def account_of_member(scope: Scope, member_id: UUID) -> UUID | None:
    """The account behind a member of the scope's tenant, also of one who left: for what ends with their rights."""
    rows = Member.objects.filter(tenant_id=scope.tenant, id=member_id)
    return rows.values_list("account_id", flat=True).first()


def require_platform(scope: Scope) -> None:
    """Raise `Denied` unless the scope is the platform's."""
    if scope.kind is not Kind.PLATFORM:
        raise Denied("Only the platform's operators may do this.")


def list_tenants(scope: Scope) -> QuerySet[Tenant]:
    """Every customer's tenant, by slug; the canaries aren't customers."""
    require_platform(scope)
    return Tenant.objects.filter(canary=False).order_by("slug")


def tenant_by_slug(scope: Scope, slug: str) -> Tenant:
    """The tenant that a slug names, for the platform."""
    require_platform(scope)
    row = Tenant.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such workspace.", hint="Which there are: `safehold tenant list`")
    return row


def slugs_of(scope: Scope, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The slugs of tenants, for the platform."""
    require_platform(scope)
    return dict(Tenant.objects.filter(id__in=list(ids)).values_list("id", "slug"))


def tenant_id_of(slug: str) -> UUID:
    """The id of the tenant that a slug names, in a transaction of its own: for commands of rooms below this one."""
    with scoped(platform_scope("command-line")) as scope:
        return tenant_by_slug(scope, slug).id


def canaries() -> tuple[UUID, UUID]:
    """The two tenants that every installation carries for its own probes, left and right."""
    with scoped(platform_scope("probe")):
        ids = list(Tenant.objects.filter(canary=True).order_by("slug").values_list("id", flat=True))
    if len(ids) != 2:
        raise NotFound("The two canary tenants aren't there.", hint="Starting makes them: `safehold up`")
    return ids[0], ids[1]


def tenant(scope: Scope) -> Tenant:
    """The scope's own tenant."""
    return _found(Tenant.objects.filter(id=scope.tenant).first(), "workspace")


def plan_amount(scope: Scope, feature: Feature) -> Amount:
    """How much of a feature the scope's tenant has by its plan."""
    return plans.amount(tenant(scope).plan, feature)


def plan_refusal(scope: Scope, feature: Feature, *, used: int = 0) -> NotInPlan | None:
    """Why the plan lets the tenant have no more of a feature, when it uses so many; None where it does. For pages."""
    return plans.refusal(tenant(scope).plan, feature, used)


def require_feature(scope: Scope, feature: Feature, *, used: int = 0) -> None:
    """Raise `NotInPlan` unless the plan of the scope's tenant has the feature, or one more of it. The one gate."""
    if (refused := plan_refusal(scope, feature, used=used)) is not None:
        raise refused


def departments(scope: Scope) -> QuerySet[Department]:
    """The tenant's departments that the scope reaches, by number."""
    return Department.objects.filter(tenant_id=scope.tenant, number__in=scope.departments).order_by("number")


def department(scope: Scope, number: int) -> Department:
    """One of the tenant's departments by its number."""
    return _found(departments(scope).filter(number=number).first(), "department")


def members(scope: Scope, *, search: str = "", status: str = "") -> QuerySet[Member]:
    """The tenant's people, by name and address; those who left only when asked for by status."""
    scope.require(Permission.MEMBERS_READ)
    rows = Member.objects.filter(tenant_id=scope.tenant)
    rows = rows.filter(status=status) if status else rows.exclude(status=Status.LEFT)
    if search:
        rows = rows.filter(Q(email__icontains=search) | Q(name__icontains=search))
    return rows.order_by("name", "email", "id")


def member(scope: Scope, member_id: UUID) -> Member:
    """One of the tenant's people."""
    scope.require(Permission.MEMBERS_READ)
    return _found(Member.objects.filter(tenant_id=scope.tenant, id=member_id).first(), "member")


def member_names(scope: Scope, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What people of the tenant are called, those who left among them; to a guest, those whom the log names."""
    scope.require(Permission.ACTIVITY_READ if scope.kind is Kind.GUEST else Permission.MEMBERS_READ)
    rows = Member.objects.filter(tenant_id=scope.tenant, id__in=list(ids)).values_list("id", "name", "email")
    return {member_id: name or email or "Former member" for member_id, name, email in rows}


def guests(scope: Scope) -> QuerySet[Guest]:
    """The tenant's guests, those whose time is over too, the newest first."""
    scope.require(Permission.GUESTS_MANAGE)
    return Guest.objects.filter(tenant_id=scope.tenant).order_by("-invited_at")


def guest(scope: Scope, guest_id: UUID) -> Guest:
    """One of the tenant's guests."""
    return _found(guests(scope).filter(id=guest_id).first(), "guest")


def guest_names(scope: Scope, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What guests of the tenant are called, for who reads the log they act in."""
    scope.require(Permission.ACTIVITY_READ)
    rows = Guest.objects.filter(tenant_id=scope.tenant, id__in=list(ids)).values_list("id", "name", "email")
    return {guest_id: f"{name or email or 'Former guest'} (auditor)" for guest_id, name, email in rows}


def deciders(scope: Scope) -> list[str]:
    """Who can change a member's role, by name and role: for who may see members, in a workspace with a few of them."""
    if not scope.can(Permission.MEMBERS_READ):
        return []
    rows = Member.objects.filter(tenant_id=scope.tenant, status=Status.ACTIVE, role__in=[Role.OWNER, Role.ADMIN])
    found = [f"{row.name or row.email} ({row.role})" for row in rows.order_by("-role", "name")[: _FEW + 1]]
    return found if len(found) <= _FEW else []


def counts(scope: Scope) -> dict[str, int]:
    """How many people there are in each status."""
    scope.require(Permission.MEMBERS_READ)
    rows = Member.objects.filter(tenant_id=scope.tenant).values_list("status").annotate(Count("id"))
    return dict(rows.order_by("status"))


def _found(row: T | None, what: str) -> T:
    if row is None:
        raise NotFound(f"There is no such {what}.")
    return row


def _account_scope(account_id: UUID, address: str) -> Scope:
    return Scope(Kind.ACCOUNT, actor=f"account:{account_id}", account_id=account_id, address=address)


def _account_of(scope: Scope) -> UUID:
    if scope.account_id is None or scope.kind is Kind.TENANT:
        raise Denied("This needs an account's own scope.")
    return scope.account_id


def _numbers(tenant_id: UUID) -> tuple[int, ...]:
    return tuple(Department.objects.filter(tenant_id=tenant_id).order_by("number").values_list("number", flat=True))


def _with_every_department(rows: QuerySet[Member]) -> QuerySet[Member]:
    every = Department.objects.filter(tenant_id=OuterRef("tenant_id")).order_by("number").values("number")
    return rows.annotate(every_department=ArraySubquery(every))


def _active(account_id: UUID) -> QuerySet[Member]:
    return _with_every_department(Member.objects.filter(account_id=account_id, status=Status.ACTIVE))


def _scope(row: Member, address: str) -> Scope:
    every: Sequence[int] = row.every_department  # type: ignore[attr-defined]  # annotated by _with_every_department
    return Scope(
        Kind.TENANT,
        actor=f"member:{row.id}",
        tenant_id=row.tenant_id,
        account_id=row.account_id,
        member_id=row.id,
        role=Role(row.role),
        departments=tuple(row.departments or every),
        address=address,
    )


def _open_places(account_id: UUID) -> QuerySet[Guest]:
    """Where an account is a guest now."""
    return Guest.objects.filter(account_id=account_id, ended_at=None, until_at__gt=now())


def _guest_scope(row: Guest, address: str) -> Scope:
    return Scope(
        Kind.GUEST,
        actor=f"guest:{row.id}",
        tenant_id=row.tenant_id,
        account_id=row.account_id,
        role=GuestKind(row.kind),
        address=address,
    )
