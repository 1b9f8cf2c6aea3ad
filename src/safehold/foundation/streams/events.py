"""Events about streams. They name hosts, never paths, keys or what was sent."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Free, Kind

__all__ = ["CREATED", "ENDED", "FAILING", "KINDS", "PAUSED", "RECOVERED", "RESUMED"]

_WHERE = ("kind", "host")

CREATED = EventType(
    "stream.created",
    "began to stream the log from place {first} to {host} ({kind}), personal values included: {personal}",
    (*_WHERE, "first", "personal"),
    security=True,
)
PAUSED = EventType("stream.paused", "paused the stream to {host} ({kind}) at place {place}", (*_WHERE, "place"))
RESUMED = EventType("stream.resumed", "resumed the stream to {host} ({kind}) at place {place}", (*_WHERE, "place"))
ENDED = EventType(
    "stream.ended", "ended the stream to {host} ({kind}) at place {place}", (*_WHERE, "place"), security=True
)
FAILING = EventType(
    "stream.failing",
    "could not send the log from place {place} to {host} ({kind}), and goes on trying",
    (*_WHERE, "place"),
    security=True,
)
RECOVERED = EventType(
    "stream.recovered", "sent the log to {host} ({kind}) again, from place {place} on", (*_WHERE, "place")
)

KINDS: dict[str, FieldKind] = {
    "kind": Kind.CODE,
    "host": Free("where the log is sent to: whoever reads it has to know", 260),
    "first": Kind.COUNT,
    "personal": Kind.FLAG,
    "place": Kind.COUNT,
}
"""What each plain field holds."""
