"""Events about what may leave, and about what was kept from it. They name hosts, never paths or content."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Free, Kind

__all__ = ["ENDED", "KINDS", "REFUSED", "REGISTERED"]

REGISTERED = EventType(
    "egress.registered", "registered {host} to be sent to ({purpose})", ("host", "purpose"), security=True
)
ENDED = EventType("egress.ended", "ended sending to {host} ({purpose})", ("host", "purpose"), security=True)
REFUSED = EventType(
    "egress.refused", "was kept from sending to {host} ({purpose}): {why}", ("host", "purpose", "why"), security=True
)

KINDS: dict[str, FieldKind] = {
    "host": Free("where something is sent to, by host and port: whoever reads the log has to know", 260),
    "purpose": Kind.CODE,
    "why": Kind.WORDS,
}
"""What each plain field holds."""
