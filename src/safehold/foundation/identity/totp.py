"""Time-based one-time codes (RFC 6238): six digits of HMAC-SHA-1 over the half minute, as every authenticator app has
it.

Pure: the moment is passed in. Which step was last taken is kept beside the seed by `flows.second_factor`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct

__all__ = ["code_at", "new_seed", "step_of", "step_taken"]

_PERIOD = 30
_DIGITS = 6
_STEPS_BACK = 1
"""A code typed at the end of its half minute still counts in the next one; none from the future ever does."""


def new_seed() -> str:
    """A fresh seed of 160 random bits in base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_of(moment: float) -> int:
    """The number of the half minute that `moment` (seconds since 1970) lies in."""
    return int(moment) // _PERIOD


def code_at(seed: str, step: int) -> str:
    """The six digits of `seed` for the half minute `step`."""
    key = base64.b32decode(seed.encode("ascii"), casefold=True)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def step_taken(seed: str, typed: str, moment: float, last: int = -1) -> int | None:
    """The step whose code `typed` is, if it is current and later than `last`, the newest one taken; else None."""
    digits = "".join(typed.split())
    now = step_of(moment)
    found = None
    for step in range(now - _STEPS_BACK, now + 1):
        if hmac.compare_digest(code_at(seed, step).encode(), digits.encode()) and step > last:
            found = step
    return found
