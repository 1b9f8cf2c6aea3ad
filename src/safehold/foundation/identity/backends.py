"""Who signs in with a password: allauth's backend, which hashes even for an address that nobody has."""

from __future__ import annotations

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend

from safehold.foundation.identity import selectors
from safehold.foundation.identity.models import Account
from safehold.kernel.errors import NotFound

__all__ = ["AccountBackend"]


class AccountBackend(AuthenticationBackend):
    """Finds accounts by address and password. Rights are none of its business: those are memberships (tenancy)."""

    def get_user(self, user_id: UUID | str) -> Account | None:
        """The account of a session, with `has_second_factor`; None once it is gone or closed."""
        try:
            found = selectors.account(UUID(str(user_id)))
        except (NotFound, ValueError):
            return None
        return found if found.is_active else None

    def has_perm(self, user_obj: object, perm: str, obj: object = None) -> bool:
        """Never: there are no permissions here."""
        return False
