"""What most tests begin with: tenants of their own, members, and scopes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope

if TYPE_CHECKING:
    from safehold.foundation.tenancy.models import Member, Tenant

PLATFORM_SCOPE = Scope(Kind.PLATFORM, actor="system:test")


def make_tenant(name: str = "Testing Ltd", *, plan: str = "enterprise", departments: Iterable[str] = ()) -> Tenant:
    """A new tenant, committed, with departments 1, 2, … of the given names beside number 0."""
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows

    with scoped(PLATFORM_SCOPE):
        tenant = flows.create_tenant(scope=PLATFORM_SCOPE, name=name, slug=f"t{new_id().hex[-16:]}", plan=plan)
    for department in departments:
        with scoped(system(tenant)) as scope:
            flows.create_department(scope=scope, name=department)
    return tenant


def system(tenant: Tenant | UUID) -> Scope:
    """The system's scope in a tenant: an owner's rights, every department."""
    from safehold.foundation.tenancy import selectors

    return selectors.system_scope(_id(tenant), "test")


def scope_of(tenant: Tenant | UUID, role: Role | str, departments: Iterable[int] | None = None) -> Scope:
    """A scope with this role that no member stands behind; all departments unless some are named."""
    reach = system(tenant).departments if departments is None else tuple(departments)
    return Scope(
        Kind.TENANT,
        actor=f"member:{new_id()}",
        tenant_id=_id(tenant),
        role=Role(role),
        departments=reach,
        address="192.0.2.1",
    )


def make_member(
    tenant: Tenant | UUID,
    role: Role | str = Role.EMPLOYEE,
    *,
    email: str = "",
    name: str = "",
    account_id: UUID | None = None,
    departments: Iterable[int] = (),
) -> Member:
    """An active member, committed; of an account that exists nowhere unless one is named."""
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows

    address = email or f"{Role(role).value}-{new_id().hex[-12:]}@example.com"
    with scoped(system(tenant)) as scope:
        invited = flows.invite_member(scope=scope, email=address, role=Role(role).value, departments=departments)
        return flows.join_member(
            scope=scope,
            member_id=invited.id,
            account_id=account_id or new_id(),
            email=address,
            name=name or address.partition("@")[0],
        )


def _id(tenant: Tenant | UUID) -> UUID:
    return tenant if isinstance(tenant, UUID) else tenant.id
