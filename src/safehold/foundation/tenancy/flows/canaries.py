"""The two tenants that every installation carries so that its own probes never touch a customer's rows."""

from __future__ import annotations

from uuid import UUID

from safehold.foundation.access.matrix import Role
from safehold.foundation.access.plans import Plan
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors
from safehold.foundation.tenancy.flows.departments import create_department
from safehold.foundation.tenancy.flows.tenants import GENERAL, register_tenant
from safehold.foundation.tenancy.models import Department, Member, Status, Tenant

__all__ = ["SECOND", "ensure_canaries"]

SECOND = 1
"""A canary's second department, so that department scoping has two sides."""


def ensure_canaries(*, scope: Scope) -> tuple[UUID, UUID]:
    """Make the canaries, or complete them: two departments, a member of each role, and managers of one department each.

    Platform scope. Safe to repeat at every start. Nobody can sign in as these members: they have no account.
    """
    selectors.require_platform(scope)
    left, right = (_ensure_canary(scope, side) for side in ("left", "right"))
    return left, right


def _ensure_canary(scope: Scope, side: str) -> UUID:
    slug = f"canary-{side}"
    row = Tenant.objects.filter(slug=slug).first()
    if row is None:
        row = register_tenant(scope, Tenant(slug=slug, name=f"Canary {side}", plan=Plan.ENTERPRISE.value, canary=True))
    inside = selectors.system_scope(row.id, "canaries")
    with scoped(inside):
        if not Department.objects.filter(tenant_id=row.id, number=SECOND).exists():
            create_department(scope=inside, name="Second")
        for role in Role:
            _ensure_member(row, role, role.value, [])
        for number in (GENERAL, SECOND):
            _ensure_member(row, Role.MANAGER, f"manager-{number}", [number])
    return row.id


def _ensure_member(row: Tenant, role: Role, name: str, departments: list[int]) -> None:
    email = f"{name}@{row.slug}.invalid"
    if not Member.objects.filter(tenant_id=row.id, email=email).exists():
        Member.objects.create(
            tenant_id=row.id,
            email=email,
            name=f"Canary {name}",
            role=role.value,
            departments=departments,
            status=Status.ACTIVE,
        )
