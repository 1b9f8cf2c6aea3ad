"""People on the platform's staff: in the register, with an account, and grants asked for and opened."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from factories import PLATFORM_SCOPE, make_member, scope_of
from safehold.foundation.access.matrix import Role
from safehold.foundation.identity import flows as identity, selectors as accounts, totp
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import flows
from safehold.foundation.staff.models import Grant
from safehold.foundation.tenancy import selectors as tenancy
from safehold.foundation.tenancy.models import Tenant

__all__ = ["PASSWORD", "Staffer", "approve", "owner_of", "require_approval", "shorten"]

PASSWORD = "nine lamps eat the winter"
ADDRESS = "192.0.2.44"
WISH = {"case": "S-1042", "reason": "The import of Monday stopped half-way.", "minutes": 30}


class Staffer:
    """One of the staff, enrolled."""

    def __init__(self, name: str = "") -> None:
        unique = new_id().hex[-12:]
        self.email, self.name = f"p{unique}@staff.example.com", name or f"Pat {unique}"
        with scoped(PLATFORM_SCOPE):
            row = flows.add_staff(
                scope=PLATFORM_SCOPE, email=self.email, name=self.name, duty="support engineer", password=PASSWORD
            )
        self.account_id: UUID = row.account_id
        outside = Scope(Kind.SIGN_IN, actor="system:test")
        self.seed = totp.new_seed()
        with scoped(outside):
            identity.enrol(scope=outside, account=accounts.account(self.account_id), seed=self.seed)

    @property
    def scope(self) -> Scope:
        """Their own scope, outside of any tenant."""
        actor = f"account:{self.account_id}"
        return Scope(Kind.ACCOUNT, actor=actor, account_id=self.account_id, address=ADDRESS, staff=True)

    def ask(self, tenant: Tenant, **other: Any) -> Grant:
        """Ask for a look, in a transaction that is committed."""
        with scoped(self.scope) as scope:
            return flows.request_access(scope=scope, slug=tenant.slug, **{**WISH, **other})

    def leave(self) -> None:
        """Leave the staff."""
        with scoped(PLATFORM_SCOPE):
            flows.remove_staff(scope=PLATFORM_SCOPE, email=self.email)

    def inside(self, tenant: Tenant) -> Scope:
        """The scope that a grant would open, whether there is one or not."""
        return Scope(
            Kind.STAFF,
            actor=f"staff:{self.account_id}",
            tenant_id=tenant.id,
            account_id=self.account_id,
            role=Role.VIEWER,
            departments=scope_of(tenant, Role.VIEWER).departments,
            address=ADDRESS,
        )

    def browser(self) -> Any:
        """Django's test client over TLS, signed in with password and code."""
        from django.test import Client

        client = Client(HTTP_HOST="localhost", REMOTE_ADDR=ADDRESS, headers={"User-Agent": "Mozilla/5.0 Firefox"})
        given = {"login": self.email, "password": PASSWORD}
        assert client.post("/account/sign-in/", given, secure=True).status_code == 302
        code = totp.code_at(self.seed, totp.step_of(time.time()))
        assert client.post("/account/sign-in/code/", {"code": code}, secure=True).status_code == 302
        return client


def owner_of(tenant: Tenant, email: str = "") -> Scope:
    """A new owner's scope; somebody is behind it."""
    member = make_member(tenant, Role.OWNER, email=email)
    with scoped(tenancy.system_scope(tenant.id, "test")) as inside:
        return tenancy.scope_of_member(scope=inside, member_id=member.id)


def approve(owner: Scope, grant: Grant) -> Grant:
    """Approve as that owner."""
    with scoped(owner):
        return flows.approve_access(scope=owner, grant_id=grant.id)


def require_approval(tenant: Tenant, *, needed: bool = True) -> Scope:
    """Let the tenant want to approve first, switched by a new owner, who is returned."""
    owner = owner_of(tenant)
    with scoped(owner):
        flows.require_approval(scope=owner, needed=needed)
    return owner


def shorten(superuser: Any, grant: Grant, seconds: float) -> None:
    """Let a grant have begun long ago and end so soon; past the trigger that keeps everybody else from changing one."""
    with superuser.transaction():
        superuser.execute("alter table staff_grant disable trigger keep_grant")
        superuser.execute(
            "update staff_grant set from_at = clock_timestamp() - interval '20 minutes', "
            "until_at = clock_timestamp() + %s * interval '1 second' where id = %s",
            [seconds, grant.id],
        )
        superuser.execute("alter table staff_grant enable always trigger keep_grant")
