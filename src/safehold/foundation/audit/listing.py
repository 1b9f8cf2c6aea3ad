"""The activity as a table for spreadsheets: exactly the events that a page's filters show."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.events import LISTED
from safehold.foundation.audit.selectors import Activity, Filters
from safehold.foundation.scope.scope import Scope

__all__ = ["HEADER", "MOST", "export_list"]

HEADER = ("place", "at", "type", "actor", "on", "what", "from", "id", "digest")
MOST = 50_000
"""Events that one table holds. Whoever needs more exports the log itself, which proves itself as well."""

_CHUNK = 500
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def export_list(*, scope: Scope, filters: Filters) -> str:
    """The events that fit, newest first, as CSV; that they were taken out is itself an event."""
    scope.require(Permission.ACTIVITY_EXPORT)
    text, count = io.StringIO(newline=""), 0
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for each in _events(scope, filters):
        writer.writerow(map(_harmless, _cells(each)))
        count += 1
    asked = [name for name in ("actor", "type", "on", "text", "security") if getattr(filters, name)]
    asked += ["period"] if filters.since or filters.until else []
    how = f"filtered by {', '.join(asked)}" if asked else "all rows"
    flows.record(scope, LISTED, fields={"events": count, "filters": how})
    return text.getvalue()


def _events(scope: Scope, filters: Filters) -> Iterator[Activity]:
    cursor, left = "", MOST
    while left > 0:
        page = selectors.activity(scope=scope, filters=filters, cursor=cursor, limit=min(left, _CHUNK))
        yield from page.events
        left -= len(page.events)
        cursor = page.next
        if not cursor:
            return


def _cells(each: Activity) -> tuple[str, ...]:
    place = "" if each.index is None else str(each.index)
    at = each.at.isoformat(timespec="microseconds")
    return place, at, each.type, each.actor, each.on, each.sentence, each.address, str(each.id), each.digest.hex()


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS) else text
