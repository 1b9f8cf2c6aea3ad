"""The seeds of second factors at rest: sealed under the platform's key and bound to the account they belong to.

allauth keeps a factor's secrets as text in its own table and asks an adapter to encrypt it. What we hand back is
`1:<account>:<sealed, base64>`; the account is part of what the seal authenticates, so a seed copied to another
account's row with its label intact is caught when that row is loaded (`check_owner`), and with the label changed it
doesn't open.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from safehold.foundation.keys.sealing import Place, open_sealed, seal
from safehold.kernel.errors import Tampered
from safehold.kernel.ids import PLATFORM

__all__ = ["check_owner", "open_secret", "seal_secret"]

_VERSION = "1"
_SECRETS = ("secret", "seed")


def _place(account_id: UUID) -> Place:
    return Place(PLATFORM, "mfa_authenticator", "data", account_id)


def seal_secret(account_id: UUID, secret: str) -> str:
    """The secret as it is stored for that account."""
    sealed = base64.b64encode(seal(_place(account_id), secret.encode())).decode()
    return f"{_VERSION}:{account_id.hex}:{sealed}"


def open_secret(stored: str) -> str:
    """The secret in clear; Tampered if anything about it was changed."""
    try:
        version, account, sealed = stored.split(":")
        place, raw = _place(UUID(account)), base64.b64decode(sealed, validate=True)
    except (ValueError, binascii.Error):
        raise Tampered from None
    if version != _VERSION:
        raise Tampered
    return open_sealed(place, raw).decode()


def check_owner(instance: Any) -> None:
    """Raise Tampered if a factor's secret was sealed for another account than the one whose row it lies in."""
    for name in _SECRETS:
        stored = (instance.data or {}).get(name)
        if stored is not None and not str(stored).startswith(f"{_VERSION}:{instance.user_id.hex}:"):
            raise Tampered
