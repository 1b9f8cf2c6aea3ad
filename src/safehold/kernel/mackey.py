"""Keys for HMAC-SHA256, and keys derived from keys. Passphrases become keys here too.

A `MacKey` keeps two SHA-256 states instead of the key it was made from; no repr, pickle or exception shows them.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NoReturn

from safehold.kernel.errors import Tampered
from safehold.kernel.framing import frame

__all__ = ["MacKey", "stretch"]

_BLOCK = 64
_INNER = bytes(x ^ 0x36 for x in range(256))
_OUTER = bytes(x ^ 0x5C for x in range(256))
_SCRYPT = {"n": 1 << 17, "r": 8, "p": 1, "maxmem": 256 * 1024 * 1024}


class MacKey:
    """A key for HMAC-SHA256. Its two hash states are set up once, so that a digest costs two short hashes."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes | bytearray) -> None:
        if not 16 <= len(key) <= _BLOCK:
            raise ValueError("a MAC key has 16 to 64 bytes")
        padded = bytes(key).ljust(_BLOCK, b"\0")
        self._inner, self._outer = hashlib.sha256(padded.translate(_INNER)), hashlib.sha256(padded.translate(_OUTER))

    def digest(self, message: bytes) -> bytes:
        """HMAC-SHA256 of the message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    def verify(self, message: bytes, digest: bytes) -> None:
        """`Tampered` unless the digest is the message's."""
        if not hmac.compare_digest(self.digest(message), digest):
            raise Tampered

    def derive(self, label: bytes, *context: bytes) -> bytes:
        """32 bytes for one use only: a block of HKDF-Expand (RFC 5869), its info the framed label and context."""
        return self.digest(frame(label, *context) + b"\x01")

    def __repr__(self) -> str:
        return "<MacKey>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never copied or pickled")


def stretch(passphrase: bytes, salt: bytes) -> bytes:
    """32 bytes from a passphrase by scrypt, at a cost of about half a second and 128 MiB."""
    return hashlib.scrypt(passphrase, salt=salt, dklen=32, **_SCRYPT)
