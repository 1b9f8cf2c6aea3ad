"""Writing what happens to an account where people will look for it.

An event about an account goes to the platform's log, and a copy to the log of each tenant that the account is an active
member of: a tenant sees its people's sign-ins without asking us. Commitments to the address and the e-mail are keyed by
tenant, so the copies can't be matched across logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from safehold.foundation.audit import flows as audit
from safehold.foundation.audit.flows import Plain
from safehold.foundation.identity.models import Account
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.event import EventType

__all__ = ["personal_of", "tell", "tell_tenants"]

_VISITOR = "visitor"
"""How the scope's middleware names somebody who hasn't signed in."""


def personal_of(event: EventType, account: Account | None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The personal fields that `event` declares: the account's e-mail address, and `more`."""
    known = {"email": account.email if account else "", **(more or {})}
    return {name: known[name] for name in event.personal}


def tell(
    *,
    scope: Scope,
    event: EventType,
    account: Account,
    fields: Plain,
    personal: Mapping[str, str] | None = None,
) -> None:
    """Write `event` about `account` to the platform's log and to its tenants', all in the open transaction.

    `scope` is of the sign-in kind: its log is the platform's.
    """
    if scope.actor == _VISITOR:  # who signs in acts as the account from now on
        scope = replace(scope, actor=f"account:{account.id}", account_id=account.id)
    values = personal_of(event, account, personal)
    audit.record(scope, event, on=f"account:{account.id}", fields=fields, personal=values)
    tell_tenants(scope=scope, event=event, account=account, fields=fields, personal=values)


def tell_tenants(
    *, scope: Scope, event: EventType, account: Account, fields: Plain, personal: Mapping[str, str]
) -> None:
    """Write `event` to the log of each tenant that `account` is an active member of, inside the open transaction.

    The account itself is named as the member it is there; anybody else (a visitor who failed, the system) as they are.
    """
    itself = scope.actor == f"account:{account.id}"
    with scoped(
        Scope(Kind.ACCOUNT, actor=f"account:{account.id}", account_id=account.id, address=scope.address)
    ) as own:
        scopes = tenancy.scopes_of(scope=own)
    for found in scopes:
        inside = found if itself else replace(found, actor=scope.actor)
        with scoped(inside):
            audit.record(inside, event, on=f"account:{account.id}", fields=fields, personal=personal)
