"""How this room's permission, and what a plan has of it, are tried on a canary tenant."""

from __future__ import annotations

from safehold.foundation.access.errors import NotInPlan
from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.plans import Feature
from safehold.foundation.access.trials import PlanTrial, Trial
from safehold.foundation.identity import flows, selectors
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy

__all__ = ["PLAN_TRIALS", "TRIALS"]


def _issue(scope: Scope, _: int) -> bool:
    """As the canary's owner, who has an account."""
    owner = tenancy.members(scope).exclude(account_id=None).first()
    if owner is None:
        raise LookupError("the canary has no member with an account")
    inside = tenancy.scope_of_member(scope=scope, member_id=owner.id)
    try:
        with scoped(inside):
            flows.issue_token(scope=inside, name="Trial")
    except NotInPlan:
        return False
    return True


TRIALS = (Trial(Permission.TOKENS_MANAGE, "list the tokens", lambda scope: list(selectors.tokens(scope)[:1])),)
PLAN_TRIALS = (PlanTrial(Feature.API_TOKENS, "issue a token", _issue),)
