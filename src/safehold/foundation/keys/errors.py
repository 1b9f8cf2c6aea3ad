"""What can be wrong with keys. No message ever holds key material."""

from __future__ import annotations

from safehold.kernel.errors import SafeholdError, Unavailable

__all__ = ["Erased", "KeyRingMismatch", "KeysDestroyed", "KeysMissing", "RootKeyUnusable"]


class KeyRingMismatch(Unavailable):
    """This key ring belongs to another environment."""

    code = "key-ring-mismatch"


class RootKeyUnusable(Unavailable):
    """The root key can't be used."""

    code = "root-key-unusable"


class KeysMissing(Unavailable):
    """The key store has no key for this."""

    code = "keys-missing"


class KeysDestroyed(SafeholdError):
    """The keys were destroyed, and what they sealed can't be read any more."""

    code = "keys-destroyed"
    status = 410


class Erased(SafeholdError):
    """This was erased on request: the key of the one whom it is about was destroyed."""

    code = "erased"
    status = 410
