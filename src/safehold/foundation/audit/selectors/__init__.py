"""Reading the log: the activity of a scope, single events, heads, and how far sealing is behind."""

from __future__ import annotations

from safehold.foundation.audit.selectors.activity import (
    Activity,
    Filters,
    Page,
    activity,
    event,
    event_types_seen,
    render,
    sealed_since,
)
from safehold.foundation.audit.selectors.heads import (
    Sealing,
    head,
    heads,
    logs_events,
    newest_note,
    notes,
    place_of,
    sealing,
    signed_sizes,
    verified_point,
    wait_sealed,
    without_place,
)
from safehold.foundation.audit.selectors.keeping import (
    Purged,
    hold_in_force,
    holds,
    keeping,
    kept_logs,
    lowest_kept,
    notes_before,
    purges,
)

__all__ = [
    "Activity",
    "Filters",
    "Page",
    "Purged",
    "Sealing",
    "activity",
    "event",
    "event_types_seen",
    "head",
    "heads",
    "hold_in_force",
    "holds",
    "keeping",
    "kept_logs",
    "logs_events",
    "lowest_kept",
    "newest_note",
    "notes",
    "notes_before",
    "place_of",
    "purges",
    "render",
    "sealed_since",
    "sealing",
    "signed_sizes",
    "verified_point",
    "wait_sealed",
    "without_place",
]
