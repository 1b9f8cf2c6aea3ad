"""People who visit the pages: an account with its place in a tenant, signed in through the pages themselves."""

from __future__ import annotations

import html
import json
import time
from typing import Any
from uuid import UUID

from factories import make_member
from safehold.foundation.access.matrix import NEEDS_SECOND_FACTOR, Role
from safehold.foundation.identity import flows as identity, totp
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.foundation.tenancy.models import Tenant

__all__ = ["Visitor", "plain"]

PASSWORD = "nine lamps eat the winter"
ADDRESS = "192.0.2.17"


class Visitor:
    """A member of a tenant with a browser: Django's test client over TLS, signed in with password and code."""

    def __init__(self, tenant: Tenant, role: Role | str, departments: tuple[int, ...] = ()) -> None:
        from django.test import Client

        self.tenant, self.role = tenant, Role(role)
        self.email = f"{self.role.value}-{new_id().hex[-12:]}@example.com"
        self.client = Client(HTTP_HOST="localhost", REMOTE_ADDR=ADDRESS, headers={"User-Agent": "Mozilla/5.0 Firefox"})
        seed = self._join(departments)
        self._sign_in(seed)

    def _join(self, departments: tuple[int, ...]) -> str:
        outside, seed = Scope(Kind.SIGN_IN, actor="system:test", address=ADDRESS), ""
        with scoped(outside):
            account = identity.create_account(scope=outside, email=self.email, name="Robin Test", password=PASSWORD)
            if self.role in NEEDS_SECOND_FACTOR:
                seed = totp.new_seed()
                identity.enrol(scope=outside, account=account, seed=seed)
        member = make_member(
            self.tenant, self.role, email=self.email, account_id=account.id, departments=departments, name="Robin Test"
        )
        self.account_id, self.member_id = account.id, member.id
        return seed

    def _sign_in(self, seed: str) -> None:
        answer = self.client.post("/account/sign-in/", {"login": self.email, "password": PASSWORD}, secure=True)
        assert answer.status_code == 302, plain(answer)[:3000]
        if seed:
            code = totp.code_at(seed, totp.step_of(time.time()))
            answer = self.client.post("/account/sign-in/code/", {"code": code}, secure=True)
            assert answer.status_code == 302, plain(answer)[:3000]

    def path(self, rest: str = "") -> str:
        """An address below the workspace."""
        return f"/t/{self.tenant.slug}/{rest}"

    def get(self, rest: str = "", **query: str) -> Any:
        """A page of the workspace."""
        return self.client.get(self.path(rest), query, secure=True)

    def post(self, rest: str, data: dict[str, Any] | None = None) -> Any:
        """A form of the workspace, sent."""
        return self.client.post(self.path(rest), data or {}, secure=True)

    def follow(self, answer: Any) -> Any:
        """The page that an answer sends its visitor to."""
        assert answer.status_code == 302, plain(answer)[:3000]
        return self.client.get(answer["Location"], secure=True)

    def token(self) -> str:
        """A token for the API, lent to roles that can't ask for one: it opens no more than the role of the moment."""
        inside = tenancy.tenant_scope(account_id=self.account_id, slug=self.tenant.slug, address=ADDRESS)
        lender = Scope(
            Kind.TENANT,
            actor=inside.actor,
            tenant_id=inside.tenant,
            account_id=self.account_id,
            member_id=self.member_id,
            role=Role.MANAGER,
            departments=inside.departments,
            address=ADDRESS,
        )
        with scoped(lender):
            return identity.issue_token(scope=lender, name="a script")[1]

    def api(self, token: str, path: str, **query: str) -> Any:
        """One reading call of the API with a token."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        return self.client.get(f"/api/v1/{path}", query, secure=True, **headers)

    def records(self, token: str, collection: str) -> list[dict[str, Any]]:
        """All of a collection's records, as the API gives them."""
        found, after = [], ""
        while True:
            more = {"after": after} if after else {}
            answer = self.api(token, f"collections/{collection}/records", limit="500", **more).json()
            found += answer["items"]
            if not (after := answer["next"]):
                return found


def plain(answer: Any) -> str:
    """What an answer says, as its reader sees it: entities and escapes resolved. The raw text stands in front."""
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    kind = answer.headers.get("Content-Type", "")
    one = kind.partition(";")[0].endswith("json")
    resolved = json.dumps(json.loads(text), ensure_ascii=False) if one and text else html.unescape(text)
    headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{headers}\n{text}\n{resolved}"


def record_ids(visitor: Visitor, token: str, collection: str) -> list[UUID]:
    """The ids of a collection's records."""
    return [UUID(record["id"]) for record in visitor.records(token, collection)]
