"""What assurance writes to the platform's log."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = ["KINDS", "PROMISES_PROVED"]

PROMISES_PROVED = EventType(
    "promises.proved",
    "{actor} checked {checked} promises: {broken} broken, {unproven} unproven",
    fields=("cause", "checked", "kept", "broken", "unproven", "digest"),
)

KINDS: dict[str, FieldKind] = {
    "cause": Kind.CODE,
    "checked": Kind.COUNT,
    "kept": Kind.COUNT,
    "broken": Kind.COUNT,
    "unproven": Kind.COUNT,
    "digest": Kind.DIGEST,
}
"""What each plain field holds."""
