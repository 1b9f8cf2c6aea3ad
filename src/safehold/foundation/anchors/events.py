"""Events about who holds heads, and about a holder who contradicts us."""

from __future__ import annotations

from safehold.kernel.event import EventType

__all__ = ["ADDED", "CONTRADICTED", "ENDED"]

ADDED = EventType("anchor.added", "Heads of this log go to {kind} from now on", ("kind",), security=True)
ENDED = EventType("anchor.ended", "Heads of this log go to {kind} no more", ("kind",), security=True)
CONTRADICTED = EventType(
    "anchor.contradicted",
    "{kind} holds {theirs} events of this log, and what is stored here with {ours} contradicts it",
    ("kind", "theirs", "ours"),
    security=True,
)
