"""What a change of membership means for the account behind it: nothing made under the old rights goes on."""

from __future__ import annotations

from uuid import UUID

from safehold.foundation.identity.flows.api_tokens import end_tokens
from safehold.foundation.identity.flows.invitations import forget_guest_invitations, forget_invitations
from safehold.foundation.identity.flows.sessions import end_sessions
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy

__all__ = ["follow_change", "follow_guest_end", "follow_removal"]


def follow_change(*, scope: Scope, member_id: UUID, reason: str = "a role or department was changed") -> None:
    """End the sessions and tokens of a member whose rights in the scope's tenant have changed, in that transaction."""
    # The one who leaves may have no right to read members; who acts stays named, the reading is the system's.
    reading = tenancy.system_scope(scope.tenant, "identity")
    with scoped(reading):
        account_id = tenancy.member(reading, member_id).account_id
    end_tokens(scope=scope, member_id=member_id, reason=reason)
    if account_id is not None:
        end_sessions(scope=scope, account_id=account_id, reason=reason)


def follow_removal(*, scope: Scope, member_id: UUID) -> None:
    """End all that opened the scope's tenant to a member who left or was removed."""
    forget_invitations(scope=scope, member_id=member_id)
    follow_change(scope=scope, member_id=member_id, reason="the membership ended")


def follow_guest_end(*, scope: Scope, guest_id: UUID) -> None:
    """End all that opened the scope's tenant to a guest whose place was ended."""
    forget_guest_invitations(scope=scope, guest_id=guest_id)
    reading = tenancy.system_scope(scope.tenant, "identity")
    with scoped(reading):
        account_id = tenancy.guest(reading, guest_id).account_id
    if account_id is not None:
        end_sessions(scope=scope, account_id=account_id, reason="the access of a guest ended")
