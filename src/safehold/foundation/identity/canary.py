"""The canary accounts: an owner of each canary tenant, with a password and without a second factor.

Checks sign in as them to see that an owner without a second factor gets nowhere, and look for their passwords where
none may be. The password is derived from the installation's own secret, so that it can be looked for without being
stored anywhere in clear; it opens nothing but the enrolment page.
"""

from __future__ import annotations

import base64
from uuid import UUID

from django.utils.crypto import salted_hmac

__all__ = ["email_of", "password_of"]


def email_of(tenant_id: UUID) -> str:
    """The canary owner's address; the domain is reserved and never resolves (RFC 6761)."""
    return f"canary-{tenant_id.hex[:12]}@canary.invalid"


def password_of(tenant_id: UUID) -> str:
    """The canary owner's password."""
    secret = salted_hmac("safehold.canary-password", tenant_id.hex, algorithm="sha256").digest()
    return base64.b32encode(secret).decode().rstrip("=").lower()
