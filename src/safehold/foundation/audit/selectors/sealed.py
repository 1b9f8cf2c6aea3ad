"""The sealed log in its own order: what programs follow without a gap."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from safehold.foundation.audit.models import Head, Leaf
from safehold.foundation.audit.selectors.activity import Activity, Filters, filtered, may_read, with_places
from safehold.foundation.scope.scope import Scope

__all__ = ["SealedEvents", "sealed_from", "sealed_since", "wait_for_more"]

_WINDOW: Final = 5_000
"""Places that are looked at in one go where few of them may fit."""
_PAUSE: Final = 0.25


@dataclass(frozen=True, slots=True)
class SealedEvents:
    """Events in the log's order, and the place to go on with, whether or not there is more yet."""

    events: Sequence[Activity]
    next: int


def sealed_from(*, scope: Scope, index: int, filters: Filters | None = None, limit: int = 200) -> SealedEvents:
    """Sealed events from a place on that fit: a reader that goes on with `next` misses nothing and gets nothing twice.

    `next` passes the places of events that don't fit or are gone, so a page may be empty while there is more.
    """
    may_read(scope)
    wanted = filters or Filters()
    window = limit if wanted == Filters() else _WINDOW
    leaves = Leaf.objects.filter(tenant_id=scope.log_id, index__gte=index).order_by("index")[:window]
    places = {leaf.event_id: leaf.index for leaf in leaves}
    rows = list(filtered(scope, wanted).filter(id__in=list(places)))
    rows.sort(key=lambda row: places[row.id])
    shown = rows[:limit]
    last = places[shown[-1].id] if len(rows) > limit else max(places.values(), default=index - 1)
    return SealedEvents(with_places(scope, shown), last + 1)


def sealed_since(*, scope: Scope, index: int, limit: int = 200) -> list[Activity]:
    """Sealed events from a place on, in the log's order."""
    return list(sealed_from(scope=scope, index=index, limit=limit).events)


def wait_for_more(*, scope: Scope, index: int, timeout: float) -> None:
    """Return once the scope's log reaches beyond a place, or after `timeout` seconds. Each look is a new statement."""
    may_read(scope)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if Head.objects.filter(tenant_id=scope.log_id, size__gt=index).exists():
            return
        time.sleep(_PAUSE)
