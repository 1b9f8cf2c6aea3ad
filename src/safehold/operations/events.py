"""What this room writes to the log: who read the programs' logs, and when old ones were removed."""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = ["KINDS", "LOGS_PRUNED", "LOGS_READ"]

LOGS_READ = EventType(
    "logs.read",
    "read the programs' logs from {since} to {until} ({processes}, {narrowed})",
    fields=("since", "until", "processes", "narrowed"),
    security=True,
)
LOGS_PRUNED = EventType(
    "logs.pruned",
    "removed {segments} sealed segments of the programs' logs with lines from before {until}",
    fields=("segments", "until"),
)

KINDS: dict[str, FieldKind] = {
    "since": Kind.MOMENT,
    "until": Kind.MOMENT,
    "processes": Kind.CODE,
    "narrowed": Kind.FLAG,
    "segments": Kind.COUNT,
}
"""What each plain field holds."""
