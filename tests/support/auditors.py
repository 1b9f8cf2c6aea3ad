"""Somebody from outside who was let in to read a workspace's log, with a browser."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from factories import system
from safehold.foundation.access.matrix import Guest as Kind
from safehold.foundation.identity import flows as identity, totp
from safehold.foundation.scope import clock
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind as ScopeKind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows, selectors
from safehold.foundation.tenancy.models import Guest, Tenant
from support.visitors import ADDRESS, PASSWORD, Visitor

__all__ = ["Auditor", "let_in"]


def let_in(tenant: Tenant, email: str, account_id: Any = None, until: datetime | None = None) -> Guest:
    """A guest's place that its account has taken, committed."""
    with scoped(system(tenant)) as scope:
        made = flows.invite_guest(scope=scope, email=email, until=until or clock.now() + timedelta(days=30))
        return flows.join_guest(
            scope=scope, guest_id=made.id, account_id=account_id or new_id(), email=email, name="Audrey Test"
        )


class Auditor(Visitor):
    """An auditor, enrolled and signed in."""

    def __init__(self, tenant: Tenant, *, until: datetime | None = None) -> None:
        from django.test import Client

        self.tenant, self.role, self.departments = tenant, Kind.AUDITOR, ()  # type: ignore[assignment]
        self.email = f"auditor-{new_id().hex[-12:]}@example.com"
        self.client = Client(HTTP_HOST="localhost", REMOTE_ADDR=ADDRESS, headers={"User-Agent": "Mozilla/5.0 Firefox"})
        outside, seed = Scope(ScopeKind.SIGN_IN, actor="system:test", address=ADDRESS), totp.new_seed()
        with scoped(outside):
            account = identity.create_account(scope=outside, email=self.email, name="Audrey Test", password=PASSWORD)
            identity.enrol(scope=outside, account=account, seed=seed)
        self.account_id = account.id
        self.guest = let_in(tenant, self.email, account.id, until)
        self._sign_in(seed)

    @property
    def scope(self) -> Scope:
        """Their scope in the workspace, as a request of theirs gets it."""
        return selectors.tenant_scope(account_id=self.account_id, slug=self.tenant.slug, address=ADDRESS)
