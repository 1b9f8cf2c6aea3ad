"""Closing an account: everything that it opened ends in that transaction."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from safehold.foundation.identity import selectors, signals
from safehold.foundation.identity.events import ACCOUNT_CLOSED, ACCOUNT_REOPENED
from safehold.foundation.identity.flows.accounts import change_password
from safehold.foundation.identity.flows.api_tokens import end_tokens
from safehold.foundation.identity.flows.sessions import end_sessions
from safehold.foundation.identity.flows.telling import tell
from safehold.foundation.identity.models import Account
from safehold.foundation.identity.selectors import signing_in
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy

__all__ = ["close_account", "reopen_account"]


def close_account(*, scope: Scope, account_id: UUID, reason: str) -> tuple[int, int]:
    """Close an account for good or until it is opened again. How many sessions and how many API tokens that ended."""
    own = Scope(Kind.ACCOUNT, actor=scope.actor, account_id=account_id, address=scope.address)
    with signing_in(scope) as inner:
        account = selectors.account(account_id)
        with scoped(own):
            places = [replace(found, actor=scope.actor) for found in tenancy.scopes_of(scope=own)]
        Account.objects.filter(id=account_id).update(is_active=False, is_staff=False)
        fields = {"account": str(account_id), "reason": reason}
        tell(scope=inner, event=ACCOUNT_CLOSED, account=account, fields=fields)
        sessions = end_sessions(scope=inner, account_id=account_id, reason=reason)
    tokens = 0
    for inside in places:
        with scoped(inside):
            tokens += end_tokens(scope=inside, member_id=inside.member_id or account_id, reason=reason)
    signals.account_closed.send(sender=Account, scope=scope, account=account_id, inside=places)
    return sessions, tokens


def reopen_account(*, scope: Scope, account_id: UUID, password: str, is_staff: bool) -> Account:
    """Open a closed account again, under a new password that was found good enough."""
    with signing_in(scope) as inner:
        Account.objects.filter(id=account_id).update(is_active=True, is_staff=is_staff)
        account = selectors.account(account_id)
        tell(scope=inner, event=ACCOUNT_REOPENED, account=account, fields={"account": str(account_id)})
        change_password(scope=inner, account=account, password=password)
    return account
