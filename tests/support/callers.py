"""Somebody who calls the API: an account, its place in a tenant, and a token."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from factories import make_member
from safehold.foundation.access.matrix import NEEDS_SECOND_FACTOR, Permission, Role, can
from safehold.foundation.identity import flows as identity, totp
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.foundation.tenancy.models import Tenant

__all__ = ["Caller"]

PASSWORD = "the lamp eats winter"
ADDRESS = "192.0.2.9"


class Caller:
    """Django's test client over TLS with a member's token; roles that hold no tokens get one lent by a colleague."""

    def __init__(self, tenant: Tenant, role: Role | str, departments: tuple[int, ...] = ()) -> None:
        from django.test import Client

        self.tenant, self.role = tenant, Role(role)
        self.member_id, self.token = self._join(departments)
        self.client = Client(HTTP_HOST="localhost", REMOTE_ADDR=ADDRESS)

    def _join(self, departments: tuple[int, ...]) -> tuple[UUID, str]:
        outside = Scope(Kind.SIGN_IN, actor="system:test", address=ADDRESS)
        email = f"{self.role.value}-{new_id().hex[-12:]}@example.com"
        with scoped(outside):
            account = identity.create_account(scope=outside, email=email, name="Test Person", password=PASSWORD)
            if self.role in NEEDS_SECOND_FACTOR:
                identity.enrol(scope=outside, account=account, seed=totp.new_seed())
        # A token is issued while the role may hold one; what it opens afterwards follows the role of the moment.
        member = make_member(self.tenant, self.role, email=email, account_id=account.id, departments=departments)
        if not can(self.role, Permission.TOKENS_MANAGE):
            return member.id, ""
        inside = tenancy.tenant_scope(account_id=account.id, slug=self.tenant.slug, address=ADDRESS)
        with scoped(inside):
            return member.id, identity.issue_token(scope=inside, name="a script")[1]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The response to one request below /api/v1/; its JSON is at `.data`."""
        more = {"HTTP_AUTHORIZATION": f"Bearer {self.token}", **headers}
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        response = self.client.generic(method.upper(), f"/api/v1/{path}", **content, secure=True, **more)
        kind = response.headers.get("Content-Type", "")
        response.data = (
            json.loads(response.content) if kind.partition(";")[0].endswith("json") and response.content else None
        )
        return response
