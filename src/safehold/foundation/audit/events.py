"""The log's own event types, and those that any room may need. The sentence follows the name of the one who acted."""

from __future__ import annotations

from safehold.kernel.auditevent import SEALED
from safehold.kernel.event import EventType

__all__ = ["DENIED", "EXPORTED", "FAILED", "HEAD", "LISTED", "PROVED", "READ", "VERIFIED"]

EXPORTED = EventType(
    "audit.exported",
    "exported events {first} to {end} of the activity log",
    fields=("first", "end", "size", "openings"),
    security=True,
)
LISTED = EventType(
    "audit.listed",
    "exported {events} events of the activity as a table, filtered by {filters} ({form})",
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
