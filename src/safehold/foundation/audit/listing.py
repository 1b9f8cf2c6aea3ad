"""The activity as a table: exactly the events that a page's filters show, for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.events import LISTED
from safehold.foundation.audit.selectors import Activity, Filters
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Invalid

__all__ = ["HEADER", "MOST", "Form", "export_list", "plain"]

HEADER = ("place", "at", "type", "actor", "on", "what", "from", "id", "digest")
MOST = 50_000
"""Events that one table holds. Whoever needs more exports the log itself, which proves itself as well."""

_CHUNK = 500
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Form(StrEnum):
    """How a table is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"

    @property
    def media_type(self) -> str:
        """What the answer says that it is."""
        return "text/csv; charset=utf-8" if self is Form.CSV else "application/jsonl; charset=utf-8"


def export_list(*, scope: Scope, filters: Filters, form: Form = Form.CSV) -> str:
    """The events that fit, newest first; that they were taken out is itself an event.

    Raises `Invalid` where more fit than one table holds: half of what was asked for would look like all of it.
    """
    scope.require(Permission.ACTIVITY_EXPORT)
    found = list(_events(scope, filters))
    text = _WRITERS[form](found)
    asked = [name for name in ("actor", "type", "on", "text", "security") if getattr(filters, name)]
    asked += ["period"] if filters.since or filters.until else []
    how = f"filtered by {', '.join(asked)}" if asked else "all rows"
    flows.record(scope, LISTED, fields={"events": len(found), "form": form.value, "filters": how})
    return text


def plain(found: Activity) -> dict[str, object]:
    """An event as programs get it, from the API and in a table of JSON Lines."""
    names = ("id", "at", "type", "actor", "on", "sentence", "fields", "personal", "address", "security", "index")
    return {name: getattr(found, name) for name in names} | {
        "digest": found.digest.hex(),
        "chain": found.chain.hex(),
    }


def _events(scope: Scope, filters: Filters) -> Iterator[Activity]:
    cursor, count = "", 0
    while True:
        page = selectors.activity(scope=scope, filters=filters, cursor=cursor, limit=_CHUNK)
        count += len(page.events)
        if count > MOST:
            hint = "Ask for a shorter period, or export the whole log."
            raise Invalid(f"More than {MOST} events fit: one table doesn't hold them.", hint=hint)
        yield from page.events
        cursor = page.next
        if not cursor:
            return


def _as_csv(events: Iterable[Activity]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for each in events:
        writer.writerow(map(_harmless, _cells(each)))
    return text.getvalue()


def _as_lines(events: Iterable[Activity]) -> str:
    return "".join(json.dumps(plain(each), default=_exact, ensure_ascii=False) + "\n" for each in events)


_WRITERS: dict[Form, Callable[[Iterable[Activity]], str]] = {Form.CSV: _as_csv, Form.JSON_LINES: _as_lines}


def _exact(value: object) -> str:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)


def _cells(each: Activity) -> tuple[str, ...]:
    place = "" if each.index is None else str(each.index)
    at = each.at.isoformat(timespec="microseconds")
    return place, at, each.type, each.actor, each.on, each.sentence, each.address, str(each.id), each.digest.hex()


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS) else text
