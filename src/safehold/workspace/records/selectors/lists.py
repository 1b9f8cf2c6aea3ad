"""Lists of records: filtered, searched, sorted, a page at a time.

A page goes on where the last one ended, by what it is sorted by and then by id, so that page 2,000 costs what page
1 does. Records with nothing in the sorted field come last, upwards and downwards alike, as in a spreadsheet.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Invalid, Problem
from safehold.workspace.records.conf import PAGE_LIMIT, SORTED_HERE
from safehold.workspace.records.filters import Query
from safehold.workspace.records.models import LIVE, Record
from safehold.workspace.records.selectors.collections import collection
from safehold.workspace.records.selectors.conditions import conditions, sort_field
from safehold.workspace.records.selectors.links import Links
from safehold.workspace.records.selectors.records import META, RecordView, columns_for, opened, seen
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.slots import slot

__all__ = ["Count", "Page", "count", "records", "records_in_chunks"]

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a list, and the cursor that the next ones come after; empty where these are the last."""

    shape: Shape
    query: Query
    records: tuple[RecordView, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many records a list has. `exact` is false where counting stopped: there are more."""

    number: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a page ended. `key` is the slot of its last record, None in a list that no slot sorts."""

    id: UUID
    key: str | None = None

    def written(self) -> str:
        parts = [self.id.hex] if self.key is None else [self.id.hex, self.key]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, *, is_sorted: bool) -> _Cursor:
        try:
            parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            found = cls(UUID(parts[0]), str(parts[1]) if is_sorted else None)
        except (ValueError, TypeError, LookupError, AttributeError, binascii.Error):
            problem = Problem("after", "the cursor that the page before gave")
            raise Invalid("This list can't be shown as asked.", problems=(problem,)) from None
        return found


def _rows(scope: Scope, shape: Shape, query: Query) -> QuerySet[Record]:
    state = Q(deleted_at__isnull=False) if query.deleted else LIVE
    return Record.objects.filter(
        state, *conditions(scope, shape, query), tenant_id=scope.tenant, collection_id=shape.id
    )


def _page_rows(rows: QuerySet[Record], shape: Shape, query: Query, limit: int) -> list[Row]:
    """Up to `limit` rows that follow the query's cursor, in its order."""
    wanted = [*META, *columns_for(shape)]
    each = sort_field(shape, query.sort.removeprefix("-")) if query.sort else None
    if each is None:
        after = _Cursor.read(query.after, is_sorted=False) if query.after else None
        rows = rows.filter(id__gt=after.id) if after else rows
        return list(rows.order_by("id").values(*wanted)[:limit])
    if each.slot is None:
        ids = _sorted_here(rows, shape, each, query)[:limit]
        found = {row["id"]: row for row in rows.filter(id__in=ids).values(*wanted)}
        return [found[record_id] for record_id in ids]
    return _page_by_slot(rows, f"s{each.slot}", query, [*wanted, f"s{each.slot}"], limit)


def _page_by_slot(rows: QuerySet[Record], column: str, query: Query, wanted: Sequence[str], limit: int) -> list[Row]:
    after = _Cursor.read(query.after, is_sorted=True) if query.after else None
    found: list[Row] = []
    if after is None or after.key:
        filled = _following(rows.filter(**{f"{column}__gt": ""}), column, after, down=query.sort.startswith("-"))
        found = list(filled.values(*wanted)[:limit])
    if len(found) < limit:
        blank = rows.filter(**{column: ""})
        if after is not None and not after.key:
            blank = blank.filter(id__gt=after.id)
        found += list(blank.order_by("id").values(*wanted)[: limit - len(found)])
    return found


def _sorted_here(rows: QuerySet[Record], shape: Shape, each: FieldShape, query: Query) -> list[UUID]:
    """The ids that follow the cursor in a list that no index keeps sorted: sorted here, as long as it is short.

    The cursor of such a list holds no value, since the field may be a sealed one.
    """
    only = replace(shape, fields=(each,))
    held = list(rows.order_by("id").values("id", *columns_for(only))[: SORTED_HERE + 1])
    if len(held) > SORTED_HERE:
        expected = f"an indexed field, since the list has more than {SORTED_HERE:,} records"
        raise Invalid("This list can't be shown as asked.", problems=(Problem("sort", expected, each.key),))
    keyed = zip((slot(each.type, values.get(each.key, "")) for values in opened(only, held)), held, strict=True)
    entries = [(key, row["id"]) for key, row in keyed]
    filled = sorted((entry for entry in entries if entry[0]), reverse=query.sort.startswith("-"))
    ids = [record_id for _, record_id in [*filled, *(entry for entry in entries if not entry[0])]]
    after = _Cursor.read(query.after, is_sorted=False).id if query.after else None
    return ids[ids.index(after) + 1 :] if after in ids else [] if after else ids


def _following(rows: QuerySet[Record], column: str, after: _Cursor | None, *, down: bool) -> QuerySet[Record]:
    """Rows in the order of a slot, those after the cursor."""
    if after is not None:
        compare = TupleLessThan if down else TupleGreaterThan
        rows = rows.filter(compare(Tuple(F(column), F("id")), (after.key, after.id)))
    return rows.order_by(f"-{column}", "-id") if down else rows.order_by(column, "id")


def _cursor_of(row: Row, shape: Shape, query: Query) -> str:
    each = sort_field(shape, query.sort.removeprefix("-")) if query.sort else None
    return _Cursor(row["id"], row[f"s{each.slot}"] if each and each.slot else None).written()


def records(scope: Scope, collection_key: str, query: Query = Query()) -> Page:  # noqa: B008 - it is frozen
    """One page of a collection's records, as the query asks and as this scope may see them."""
    shape = collection(scope, collection_key)
    rows = _page_rows(_rows(scope, shape, query), shape, query, query.limit + 1)
    page = rows[: query.limit]
    following = _cursor_of(page[-1], shape, query) if len(rows) > query.limit else ""
    return Page(shape, query, tuple(seen(scope, shape, page)), following)


def count(scope: Scope, collection_key: str, query: Query = Query(), *, up_to: int = 10_000) -> Count:  # noqa: B008
    """How many records a list has, counted up to a limit: nobody waits for the last of a million."""
    shape = collection(scope, collection_key)
    number = _rows(scope, shape, query)[: up_to + 1].count()
    return Count(min(number, up_to), exact=number <= up_to)


def records_in_chunks(scope: Scope, collection_key: str, query: Query) -> Iterator[tuple[RecordView, ...]]:
    """All records of a list, some hundred at a time: for exports."""
    shape, links = collection(scope, collection_key), Links(scope)
    query = replace(query, limit=PAGE_LIMIT)
    while True:
        rows = _page_rows(_rows(scope, shape, query), shape, query, query.limit)
        if rows:
            yield tuple(seen(scope, shape, rows, links))
        if len(rows) < query.limit:
            return
        query = replace(query, after=_cursor_of(rows[-1], shape, query))
