"""Reading the log: the activity of a scope, single events, heads, and how far sealing is behind."""

from __future__ import annotations

from safehold.foundation.audit.selectors.activity import (
    Activity,
    Filters,
    Page,
    activity,
    event,
    event_types_seen,
    happened,
    render,
)
from safehold.foundation.audit.selectors.heads import (
    Sealing,
    grown_beyond,
    head,
    heads,
    logs_events,
    newest_note,
    notes,
    place_of,
    receipt_of,
    sealing,
    signed_sizes,
    verified_point,
    wait_sealed,
    without_place,
)
from safehold.foundation.audit.selectors.sealed import SealedEvents, sealed_from, sealed_since, wait_for_more

__all__ = [
    "Activity",
    "Filters",
    "Page",
    "SealedEvents",
    "Sealing",
    "activity",
    "event",
    "event_types_seen",
    "grown_beyond",
    "happened",
    "head",
    "heads",
    "logs_events",
    "newest_note",
    "notes",
    "place_of",
    "receipt_of",
    "render",
    "sealed_from",
    "sealed_since",
    "sealing",
    "signed_sizes",
    "verified_point",
    "wait_for_more",
    "wait_sealed",
    "without_place",
]
