"""Standard Webhooks: how a message is signed so that its receiver knows who sent it, and when.

https://www.standardwebhooks.com: the key is 32 random bytes, written `whsec_` and base64; the signature is the
HMAC-SHA256 of "id.timestamp.body".
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping

__all__ = ["headers", "new_key"]

_PREFIX = "whsec_"


def new_key() -> str:
    """A fresh signing key as its receiver keeps it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(key: str, *, message_id: str, at: int, body: bytes) -> Mapping[str, str]:
    """The three headers of a message; `at` is in seconds since 1970."""
    raw = base64.b64decode(key.removeprefix(_PREFIX))
    signed = f"{message_id}.{at}.".encode() + body
    signature = base64.b64encode(hmac.digest(raw, signed, "sha256")).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
