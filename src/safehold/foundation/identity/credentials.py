"""Bearer secrets that we hand out: personal API tokens and the links of invitations. Only their SHA-256 is ever stored.

An API token reads `sfh_<43 characters><6 characters>`: 256 random bits, then a CRC-32 of all before it, so that a
scanner can tell a real token from a lookalike without asking us. SHA-256 without salt or stretching is right here:
256 random bits can't be guessed, and a token is looked up by its hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

__all__ = ["PREFIX", "digest", "is_token", "new_link", "new_token", "shown_part"]

PREFIX = "sfh_"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY, _CHECK = 43, 6
_SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_BODY + _CHECK}}}\Z")


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode("ascii")), _CHECK)


def new_token() -> str:
    """A fresh API token. Shown to its holder once; keep `digest` of it."""
    body = PREFIX + _base62(int.from_bytes(secrets.token_bytes(32), "big"), _BODY)
    return body + _checksum(body)


def is_token(text: str) -> bool:
    """Whether `text` has a token's shape and a right checksum; says nothing about whether it was ever issued."""
    return bool(_SHAPE.match(text)) and secrets.compare_digest(_checksum(text[:-_CHECK]), text[-_CHECK:])


def shown_part(token: str) -> str:
    """The beginning of a token, by which its holder tells it from others in a list."""
    return token[: len(PREFIX) + 4]


def new_link() -> str:
    """A fresh secret for a link in a mail: 256 random bits in URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a token, a link or a session's cookie."""
    return hashlib.sha256(secret.encode()).digest()
