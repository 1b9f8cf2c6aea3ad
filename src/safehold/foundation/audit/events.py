"""The log's own event types, and those that any room may need. The sentence follows the name of the one who acted."""

from __future__ import annotations

from safehold.kernel import auditevent
from safehold.kernel.auditevent import SEALED
from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = [
    "DENIED",
    "EXPORTED",
    "FAILED",
    "HEAD",
    "HELD",
    "HOLD_ENDED",
    "KINDS",
    "LISTED",
    "PROVED",
    "PURGED",
    "READ",
    "VERIFIED",
]

EXPORTED = EventType(
    "audit.exported",
    "exported events {first} to {end} of the activity log",
    fields=("first", "end", "size", "openings"),
    security=True,
)
LISTED = EventType(
    "audit.listed",
    "exported {events} events of the activity as a table, {filters} ({form})",
    fields=("events", "form", "filters"),
    security=True,
)
PROVED = EventType(
    "audit.proved",
    "took out the proof that {on} is in the log at place {index}",
    fields=("index",),
    security=True,
)
READ = EventType("audit.read", "read the activity log")
VERIFIED = EventType(
    "audit.verified",
    "verified the activity log up to event {size}",
    fields=("size", "root", "chain"),
)
DENIED = EventType(
    "security.denied",
    "was refused: {permission} is needed for {route}",
    fields=("permission", "route"),
    security=True,
)
FAILED = EventType(
    "security.failed",
    "met an error of the system in {route} (reference {reference})",
    fields=("kind", "route", "reference"),
    security=True,
)
HEAD = EventType(SEALED, "signed the head of {on} at event {size}", fields=("chain", "root", "size"))
PURGED = EventType(
    auditevent.PURGED,
    "removed the events below {minimum} of {on} ({rule})",
    fields=("before", "chain", "minimum", "root", "rule"),
)
HELD = EventType(
    "hold.placed",
    "placed a legal hold on {about}",
    fields=("hold", "about", "until"),
    security=True,
)
HOLD_ENDED = EventType("hold.ended", "ended the legal hold on {about}", fields=("hold", "about"), security=True)

KINDS: dict[str, FieldKind] = {
    "form": Kind.CODE,
    "index": Kind.COUNT,
    "first": Kind.COUNT,
    "end": Kind.COUNT,
    "size": Kind.COUNT,
    "openings": Kind.FLAG,
    "events": Kind.COUNT,
    "filters": Kind.WORDS,
    "root": Kind.DIGEST,
    "chain": Kind.DIGEST,
    "permission": Kind.WORDS,
    "route": Kind.ROUTE,
    "kind": Kind.CODE,
    "reference": Kind.ID,
    "before": Kind.COUNT,
    "minimum": Kind.COUNT,
    "rule": Kind.WORDS,
    "hold": Kind.ID,
    "about": Kind.WORDS,
    "until": Kind.MOMENT,
}
"""What each plain field holds."""
