"""Tables that stand outside the tenants, each with its reason. FORCE row-level security binds them by kind of scope."""

from __future__ import annotations

__all__ = ["EXEMPT"]

_PERSON = (
    "belongs to a person, who may be a member of several tenants; open to the sign-in kind and to the account itself"
)
_BOTH = "found by its hash before the tenant is known; otherwise open to its own tenant's scope only"

EXEMPT: dict[str, str] = {
    "identity_account": _PERSON,
    "identity_session": _PERSON,
    "identity_token": _BOTH,
    "identity_invitation": _BOTH,
    "identity_attempt": "counts tries at sign-in by keyed hashes; holds nobody's data; open to the sign-in kind only",
    "account_emailaddress": _PERSON,
    "account_emailconfirmation": _PERSON,
    "mfa_authenticator": _PERSON,
}
