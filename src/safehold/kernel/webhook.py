"""Signed webhooks in the form of Standard Webhooks: id, time and body under a secret that both sides hold."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from safehold.kernel.errors import Invalid

__all__ = ["headers", "new_secret"]

_PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret, as its holder is shown it once."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, *, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers that sign a body, sent at a second since 1970. A message that is sent again keeps its id."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise Invalid("A webhook's secret is whsec_ and base64.") from None
    signed = hmac.digest(key, f"{message_id}.{at}.".encode() + body, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
