"""Lists: the collections of a workspace, the records of one, its trash, and the export of what a list shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.request import request_scope
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Invalid
from safehold.ui import names
from safehold.workspace.records import filters, flows, selectors
from safehold.workspace.records.exporting import csv_chunks
from safehold.workspace.records.filters import WORDS, Filter, Op
from safehold.workspace.records.selectors import Page, RecordView
from safehold.workspace.records.web import shown

__all__ = ["collections", "export", "records", "trash"]


class Counted:
    """Chunks of records, counted as they pass."""

    def __init__(self, chunks: Iterator[tuple[RecordView, ...]]) -> None:
        self._chunks = chunks
        self.count = 0

    def __iter__(self) -> Iterator[tuple[RecordView, ...]]:
        for chunk in self._chunks:
            self.count += len(chunk)
            yield chunk


@page(Permission.RECORDS_READ)
def collections(request: HttpRequest, slug: str) -> HttpResponse:
    """The collections of the workspace, with how many records each has."""
    scope = request_scope(request)
    counts = selectors.counts(scope)
    found = [
        {"shape": shape, "count": counts.get(shape.id, 0), "fields": len(shape.fields)}
        for shape in selectors.collections(scope)
    ]
    context = {"collections": found, "archived": selectors.collections(scope, archived=True), **_rights(scope)}
    return render(request, "records/collections.html", context)


@page(Permission.RECORDS_READ)
def records(request: HttpRequest, slug: str, key: str) -> HttpResponseBase:
    """The records of a collection, as the address asks for them."""
    scope = request_scope(request)
    if "_field" in request.GET:
        return redirect(_with_condition(request))
    try:
        query = filters.parse(shown.pairs(request))
        found = selectors.records(scope, key, query)
        count = selectors.count(scope, key, query)
    except Invalid as error:
        context = {"shape": selectors.collection(scope, key), "error": error, "clear": request.path, **_rights(scope)}
        return render(request, "records/list.html", context, status=error.status)
    return render(request, "records/list.html", {**_listing(request, slug, found), **_rights(scope), "count": count})


@page(Permission.RECORDS_DELETE)
def trash(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Deleted records of a collection, each with the way back."""
    scope = request_scope(request)
    query = replace(filters.parse(shown.pairs(request)), deleted=True)
    found = selectors.records(scope, key, query)
    context = _listing(request, slug, found)
    by = names.named(request, (record.updated_by for record in found.records))
    context["deleted"] = [(row, by[row.record.updated_by].label) for row in context["rows"]]
    return render(request, "records/trash.html", context)


@page(Permission.RECORDS_EXPORT)
def export(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """What a list shows, all of it, as CSV. It is written whole before it is sent: a stream would outlive its scope."""
    scope = request_scope(request)
    query = filters.parse(shown.pairs(request))
    shape, counted = selectors.collection(scope, key), Counted(selectors.records_in_chunks(scope, key, query))
    text = "".join(csv_chunks(shape, counted))
    flows.note_export(scope=scope, shape=shape, query=query, count=counted.count)
    headers = {"Content-Disposition": f'attachment; filename="{key}.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _listing(request: HttpRequest, slug: str, found: Page) -> dict[str, Any]:
    """What the templates of lists show."""
    query, shape = found.query, found.shape
    fields = shown.columns(request, shape)
    export = reverse("records-export", args=[slug, shape.key])
    return {
        "shape": shape,
        "query": query,
        "fields": fields,
        "rows": shown.rows(slug, found.records, fields),
        "chips": shown.chips(request, shape, query),
        "operators": [(op.value, words) for op, words in WORDS.items() if op is not Op.EMPTY],
        "chosen": {each.key for each in fields},
        "picked": request.GET.getlist("columns"),
        "kept": [*filters.written(replace(query, after=""))],
        "clear": request.path if query.is_narrowed else "",
        "next": shown.address(request, replace(query, after=found.next)) if found.next else "",
        "start": shown.address(request, replace(query, after="")) if query.after else "",
        "export_url": shown.address(request, replace(query, after=""), export),
    }


def _with_condition(request: HttpRequest) -> str:
    """The address of this list with the condition that the small form added."""
    asked = {name: request.GET.get(name, "").strip() for name in ("_field", "_op", "_value")}
    kept = [(name, value) for name, value in shown.pairs(request) if name not in (*asked, "after")]
    query = filters.parse(kept)
    if asked["_field"] and asked["_value"]:
        op = next((each for each in Op if each.value == asked["_op"]), Op.IS)
        added = Filter(asked["_field"], op, asked["_value"])
        query = replace(query, filters=(*(each for each in query.filters if each != added), added))
    return shown.address(request, query)


def _rights(scope: Scope) -> dict[str, bool]:
    """What this member may do with records, for the templates."""
    return {
        "may_design": scope.can(Permission.COLLECTIONS_MANAGE),
        "may_create": scope.can(Permission.RECORDS_CREATE),
        "may_edit": scope.can(Permission.RECORDS_EDIT),
        "may_delete": scope.can(Permission.RECORDS_DELETE),
        "may_import": scope.can(Permission.RECORDS_IMPORT),
        "may_export": scope.can(Permission.RECORDS_EXPORT),
    }
