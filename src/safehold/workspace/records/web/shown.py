"""Records as pages show them: columns, cells, conditions and the addresses of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from safehold.workspace.records import filters
from safehold.workspace.records.filters import WORDS, Op, Query
from safehold.workspace.records.selectors import RecordView
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.values import FieldType

__all__ = ["MOST_COLUMNS", "Cell", "Chip", "Row", "address", "cells", "chips", "columns", "pairs", "rows"]

MOST_COLUMNS = 7
"""Columns that a list shows where nobody chose."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value on a page. `href` leads to what it points to; `note` says more about it."""

    label: str
    text: str
    kind: str = "text"
    href: str = ""
    note: str = ""
    field_class: str = "open"


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a list."""

    record: RecordView
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in words, and the address of the list without it."""

    text: str
    without: str


def pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """The names and values of the address, in order."""
    return [(name, str(value)) for name, values in request.GET.lists() for value in values]


def columns(request: HttpRequest, shape: Shape) -> list[FieldShape]:
    """The fields that a list shows: the chosen ones, or the first few, with the title among them."""
    chosen = set(request.GET.getlist("columns"))
    if found := [each for each in shape.fields if each.key in chosen]:
        return found
    first, title = list(shape.fields[:MOST_COLUMNS]), shape.title_field
    if title is not None and title not in first:
        first = [title, *first[:-1]]
    by = shape.find(request.GET.get("sort", "").removeprefix("-"))
    return first if by is None or by in first else [*first[:-1], by]


def address(request: HttpRequest, query: Query, path: str = "") -> str:
    """The address of a list as the query asks, with the chosen columns."""
    chosen = [("columns", key) for key in request.GET.getlist("columns")]
    written = [*filters.written(query), *chosen]
    return (path or request.path) + ("?" + urlencode(written) if written else "")


def chips(request: HttpRequest, shape: Shape, query: Query) -> list[Chip]:
    """Each condition of a list in words."""
    found = []
    for asked in query.filters:
        each = shape.find(asked.key)
        label = each.label if each else asked.key
        if asked.op is Op.EMPTY:
            text = f"{label} is {'empty' if asked.value == 'yes' else 'not empty'}"
        else:
            text = f"{label} {WORDS[asked.op]} {asked.value}"
        found.append(Chip(text, address(request, query.without(asked))))
    return found


def cells(slug: str, record: RecordView, fields: Iterable[FieldShape]) -> tuple[Cell, ...]:
    """A record's values for some fields, in their order; an empty one is an empty text."""
    return tuple(_cell(slug, record, each) for each in fields)


def rows(slug: str, records: Sequence[RecordView], fields: Sequence[FieldShape]) -> list[Row]:
    """The rows of a list."""
    return [Row(record, cells(slug, record, fields)) for record in records]


def _cell(slug: str, record: RecordView, each: FieldShape) -> Cell:
    text, href, note = record.values.get(each.key, ""), "", ""
    if (link := record.links.get(each.key)) is not None:
        note, text = (link.code, link.title) if link.title else ("", link.code or f"…{str(link.id)[-6:]}")
        note = "" if note == text else note
        href = "" if link.deleted else reverse("record", args=[slug, link.collection, link.id])
    elif each.type is FieldType.EMAIL and text:
        href = f"mailto:{text}"
    return Cell(each.label, text, each.type.value, href, note, each.field_class.value)
