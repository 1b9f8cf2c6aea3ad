"""What assurance writes to the platform's log."""

from __future__ import annotations

from safehold.kernel.event import EventType

__all__ = ["PROMISES_PROVED"]

PROMISES_PROVED = EventType(
    "promises.proved",
    "{actor} checked {checked} promises: {broken} broken, {unproven} unproven",
    fields=("cause", "checked", "kept", "broken", "unproven", "digest"),
)
