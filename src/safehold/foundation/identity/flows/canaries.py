"""The accounts that checks sign in as."""

from __future__ import annotations

from uuid import UUID

from safehold.foundation.access.matrix import Role
from safehold.foundation.identity import canary, selectors
from safehold.foundation.identity.flows.accounts import create_account
from safehold.foundation.identity.models import Account
from safehold.foundation.identity.selectors import signing_in
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy

__all__ = ["ensure_canary_accounts"]


def ensure_canary_accounts(*, scope: Scope) -> None:
    """Make the two canary owners' accounts and memberships, or complete them. Safe to repeat at every start."""
    for tenant_id in tenancy.canaries():
        _ensure(scope, tenant_id)


def _ensure(scope: Scope, tenant_id: UUID) -> None:
    email, password = canary.email_of(tenant_id), canary.password_of(tenant_id)
    with signing_in(scope) as inner:
        account = selectors.account_by_email(email)
        if account is None:
            account = create_account(scope=inner, email=email, name="Canary", password=password, canary=True)
        elif not account.check_password(password):
            _set_password(account, password)
        if Role.OWNER in selectors.roles_of(scope=inner, account_id=account.id):
            return
    inside = tenancy.system_scope(tenant_id, "canaries")
    with scoped(inside):
        member = tenancy_flows.invite_member(scope=inside, email=email, role=Role.OWNER.value, name="Canary")
        tenancy_flows.join_member(scope=inside, member_id=member.id, account_id=account.id, email=email, name="Canary")


def _set_password(account: Account, password: str) -> None:
    account.set_password(password)
    account.save(update_fields=["password"])
