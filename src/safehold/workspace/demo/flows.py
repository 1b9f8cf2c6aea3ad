"""Makes the demo companies through the same flows that real ones go through."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from safehold.foundation.access.matrix import NEEDS_SECOND_FACTOR
from safehold.foundation.identity import flows as identity
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows as tenancy, selectors as tenants
from safehold.kernel.errors import NotFound
from safehold.workspace.demo import collections
from safehold.workspace.demo.people import COMPANIES, Company, Person

__all__ = ["SignIn", "make_demo", "sign_ins", "welcome"]

_ACTOR = "system:demo"


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in as a demo person."""

    company: Company
    person: Person
    email: str
    password: str

    @property
    def needs_code(self) -> bool:
        """Whether this person's role needs a second factor; `safehold demo code` shows the present one."""
        return self.person.role in NEEDS_SECOND_FACTOR


def _password(email: str) -> str:
    """A demo person's password: made from this installation's own secret, so no two installations share one."""
    made = hmac.digest(settings.SAFEHOLD.secret("django.key"), b"demo password " + email.encode(), hashlib.sha256)
    text = base64.b32encode(made).decode().lower()
    return "-".join(text[start : start + 5] for start in range(0, 20, 5))


def sign_ins() -> Iterator[SignIn]:
    """How to sign in as each demo person."""
    for company in COMPANIES:
        for person in company.people:
            email = company.email(person)
            yield SignIn(company, person, email, _password(email))


def welcome() -> str:
    """How to sign in as each demo person, for a terminal (its commands are for `pasteable`).

    Raises NotFound where no demo company was made.
    """
    lines = []
    with scoped(Scope(Kind.PLATFORM, actor=_ACTOR)) as platform:
        made = [company for company in COMPANIES if _there(platform, company)]
    if not made:
        raise NotFound("There is no demo here.", hint="Make it: `safehold demo make`")
    for company in made:
        lines.append(f"{company.name}: {settings.SAFEHOLD.url}/t/{company.slug}/")
        for sign_in in sign_ins():
            if sign_in.company is company:
                code = f"   then: `safehold demo code {sign_in.email}`" if sign_in.needs_code else ""
                lines.append(f"  {sign_in.person.role.value:<11} {sign_in.email:<25} {sign_in.password}{code}")
        lines.append("")
    return "\n".join(lines)


def make_demo() -> list[str]:
    """Make the demo companies that aren't there yet, one transaction each; returns the slugs of those made."""
    return [company.slug for company in COMPANIES if _make(company)]


def _there(platform: Scope, company: Company) -> bool:
    try:
        tenants.tenant_by_slug(platform, company.slug)
    except NotFound:
        return False
    return True


def _make(company: Company) -> bool:
    platform = Scope(Kind.PLATFORM, actor=_ACTOR)
    with scoped(platform):
        if _there(platform, company):
            return False
        made = tenancy.create_tenant(scope=platform, name=company.name, slug=company.slug, plan=company.plan)
        for name in company.departments:
            # A scope names the departments it reaches, so each new one needs a new scope.
            with scoped(tenants.system_scope(made.id, "demo")) as scope:
                tenancy.create_department(scope=scope, name=name)
        scope = tenants.system_scope(made.id, "demo")
        with scoped(scope):
            numbers = {row.name: row.number for row in tenants.departments(scope)}
            for sign_in in sign_ins():
                if sign_in.company is company:
                    _join(scope, sign_in, numbers)
            collections.fill(scope=scope, company=company, departments=numbers)
    return True


def _join(scope: Scope, sign_in: SignIn, numbers: dict[str, int]) -> None:
    """Give a person an account, the second factor that their role needs, and their place in the company."""
    person = sign_in.person
    outside = Scope(Kind.SIGN_IN, actor=_ACTOR)
    with scoped(outside):
        account = identity.ensure_account(
            scope=outside, email=sign_in.email, name=person.name, password=sign_in.password, demo=True
        )
        if sign_in.needs_code:
            identity.enrol_demo_totp(scope=outside, account=account)
    reach = [numbers[person.department]] if person.department else []
    invited = tenancy.invite_member(
        scope=scope, email=sign_in.email, name=person.name, role=person.role.value, departments=reach
    )
    tenancy.join_member(scope=scope, member_id=invited.id, account_id=account.id, email=sign_in.email, name=person.name)
