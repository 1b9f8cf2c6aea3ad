"""Events about who holds heads, and about a holder who contradicts us."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = ["ADDED", "CONTRADICTED", "ENDED", "KINDS"]

ADDED = EventType("anchor.added", "Heads of this log go to {kind} from now on", ("kind",), security=True)
ENDED = EventType("anchor.ended", "Heads of this log go to {kind} no more", ("kind",), security=True)
CONTRADICTED = EventType(
    "anchor.contradicted",
    "{kind} holds {theirs} events of this log, and what is stored here with {ours} contradicts it",
    ("kind", "theirs", "ours"),
    security=True,
)

KINDS: dict[str, FieldKind] = {
    "kind": Kind.CODE,
    "theirs": Kind.COUNT,
    "ours": Kind.COUNT,
}
"""What each plain field holds."""
