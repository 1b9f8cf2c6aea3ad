"""Personal API tokens: a member's own key to one tenant, with no more right than the member."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.plans import Feature
from safehold.foundation.audit import flows as audit
from safehold.foundation.identity import credentials, selectors
from safehold.foundation.identity.events import TOKEN_ISSUED, TOKEN_REVOKED
from safehold.foundation.identity.models import ApiToken
from safehold.foundation.identity.selectors import signing_in
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Denied, Invalid, Problem

__all__ = ["LONGEST_DAYS", "end_tokens", "issue_token", "revoke_token", "use_token"]

LONGEST_DAYS = 366
"""Every token ends. A year and a day, so that a yearly calendar entry is early enough."""

_TOUCH = timedelta(seconds=60)


def issue_token(*, scope: Scope, name: str, days: int = 90) -> tuple[ApiToken, str]:
    """Issue a token to the member who asks. The text is returned once; nobody can read it again."""
    scope.require(Permission.TOKENS_MANAGE)
    tenancy.require_feature(scope, Feature.API_TOKENS)
    if scope.account_id is None or scope.member_id is None:
        raise Denied("A token belongs to a person.")
    problems: list[Problem] = []
    if not name.strip() or len(name) > 100:
        problems.append(Problem("name", "up to 100 characters that say what the token is for"))
    if not 1 <= days <= LONGEST_DAYS:
        problems.append(Problem("days", f"a number of days from 1 to {LONGEST_DAYS}", str(days)))
    if problems:
        raise Invalid(problems=tuple(problems))
    text, moment = credentials.new_token(), now()
    token = ApiToken(
        id=new_id(),
        tenant_id=scope.tenant,
        member_id=scope.member_id,
        account_id=scope.account_id,
        name=name.strip(),
        shown=credentials.shown_part(text),
        digest=credentials.digest(text),
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    token.save(force_insert=True)
    fields = {"token": str(token.id), "until": token.expires_at.date().isoformat()}
    audit.record(scope, TOKEN_ISSUED, on=f"token:{token.id}", fields=fields)
    return token, text


def revoke_token(*, scope: Scope, token_id: UUID) -> None:
    """Revoke one of one's own tokens; who manages members may revoke anybody's."""
    token = selectors.token(scope, token_id)
    if token.member_id != scope.member_id:
        scope.require(Permission.MEMBERS_MANAGE)
    if token.revoked_at is None:
        _revoke(scope, token, "it was revoked by hand")


def _revoke(scope: Scope, token: ApiToken, reason: str) -> None:
    token.revoked_at = now()
    token.save(update_fields=["revoked_at"])
    fields = {"token": str(token.id), "reason": reason}
    audit.record(scope, TOKEN_REVOKED, on=f"token:{token.id}", fields=fields)


def end_tokens(*, scope: Scope, member_id: UUID, reason: str) -> int:
    """Revoke all of a member's tokens in this tenant, with what changed the member. How many there were."""
    living = ApiToken.objects.filter(tenant_id=scope.tenant, member_id=member_id, revoked_at=None)
    tokens = list(living.select_for_update())
    for token in tokens:
        _revoke(scope, token, reason)
    return len(tokens)


def use_token(*, scope: Scope, text: str, address: str) -> Scope:
    """The scope that a token opens, with its use noted once a minute: what the API does with each call. Sign-in kind.

    Raises as `selectors.scope_for_token` does, and `NotInPlan` while the tenant's plan has no tokens: they are kept,
    and open again with the plan.
    """
    opened = selectors.scope_for_token(text, address)
    with scoped(opened):
        tenancy.require_feature(opened, Feature.API_TOKENS)
    moment = now()
    with signing_in(scope):
        token = selectors.token_of(text)
        if token.last_used_at is None or token.last_used_at < moment - _TOUCH:
            ApiToken.objects.filter(id=token.id).update(last_used_at=moment, last_address=address)
    return opened
