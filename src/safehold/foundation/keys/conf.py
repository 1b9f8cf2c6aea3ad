"""The key hierarchy's fixed numbers. Each is part of a promise, so none is a setting."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "CACHE_SECONDS",
    "DATA_KEY_DAYS",
    "DATA_KEY_USES",
    "TENANT_KEY_DAYS",
    "Purpose",
]

CACHE_SECONDS = 300
"""How long a process may use an unwrapped key before it must ask for it again: the longest life of a destroyed key."""

TENANT_KEY_DAYS = 365
"""After this many days a tenant's key is overdue for rotation, and ENC-8 is broken."""

DATA_KEY_DAYS = 730
"""The same for the data keys that seal; index keys stay, because their tokens are made to be found again."""

DATA_KEY_USES = 1 << 40
"""Far below the 2^80 messages that XAES-256-GCM allows, far above what a tenant writes."""


class Purpose(StrEnum):
    """What a data key is for. A key wrapped for one purpose doesn't unwrap for another."""

    FIELD = "field"
    EVENT = "event"
    SECRET = "secret"  # noqa: S105 - a word, not a password
    INDEX = "index"
    COMMITMENT = "commitment"
    CANARY = "canary"
    OBJECT = "object"
    LOG = "log"

    @property
    def seals(self) -> bool:
        """Whether keys of this purpose seal. The others make tokens, which must come out the same again."""
        return self in (Purpose.FIELD, Purpose.EVENT, Purpose.SECRET, Purpose.OBJECT, Purpose.LOG)
