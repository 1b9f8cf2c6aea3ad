"""Identifiers: UUIDv7 (RFC 9562 section 5.7), and the one id that stands for the platform itself."""

from __future__ import annotations

import secrets
import threading
from uuid import UUID

__all__ = ["PLATFORM", "IdMaker"]

PLATFORM = UUID(int=0)
"""The log and key space of the platform: no tenant ever has this id."""


class IdMaker:
    """Makes UUIDv7 that never go backwards within this process.

    The 12 bits after the millisecond are a counter (RFC 9562 section 6.2, method 1), so that ids made in one
    millisecond keep their order; the last 62 bits are random.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_ms = 0
        self._counter = 0

    def make(self, now_ms: int) -> UUID:
        """A new id for the moment `now_ms` (milliseconds since 1970, UTC)."""
        with self._lock:
            if now_ms > self._last_ms:
                self._last_ms, self._counter = now_ms, secrets.randbits(8)
            else:
                self._counter += 1
                if self._counter > 0xFFF:
                    self._last_ms, self._counter = self._last_ms + 1, 0
            moment, counter = self._last_ms, self._counter
        value = (moment & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | counter << 64
        return UUID(int=value | 0b10 << 62 | secrets.randbits(62))
