"""Pages of a single record: its values, its history, and what may be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.request import request_scope
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Invalid
from safehold.ui import names, toasts
from safehold.ui.faces import attempt, status_of
from safehold.workspace.records import flows, selectors
from safehold.workspace.records.selectors import Change, RecordView
from safehold.workspace.records.web import shown
from safehold.workspace.records.web.forms import MoveForm, RecordForm

__all__ = ["create", "delete", "edit", "history", "move", "record", "restore"]

_ACTIONS = {
    "created": ("Created", "plus"),
    "imported": ("Imported", "upload"),
    "edited": ("Changed", "pencil"),
    "deleted": ("Deleted", "trash-2"),
    "restored": ("Restored", "undo-2"),
}


@page(Permission.RECORDS_READ)
def record(request: HttpRequest, slug: str, key: str, record_id: UUID) -> HttpResponse:
    """A record's values and what refers to it; a deleted one too, with the way back."""
    scope = request_scope(request)
    found = selectors.record(scope, key, record_id, deleted=scope.can(Permission.RECORDS_DELETE))
    known = names.named(request, (found.created_by, found.updated_by))
    context = {
        "record": found,
        "cells": shown.cells(slug, found, found.shape.fields),
        "created_by": known[found.created_by],
        "updated_by": known[found.updated_by],
        "department": {row.number: row.name for row in tenancy.departments(scope)}.get(found.department, ""),
        "moving": MoveForm(scope=scope, record=found) if len(scope.departments) > 1 else None,
        "referring": _referring(request, slug, found),
        "may_edit": scope.can(Permission.RECORDS_EDIT) and not found.deleted_at,
        "may_delete": scope.can(Permission.RECORDS_DELETE),
        "activity_url": _activity(request, slug, found),
    }
    return render(request, "records/record.html", context)


@page(Permission.RECORDS_READ)
def history(request: HttpRequest, slug: str, key: str, record_id: UUID) -> HttpResponse:
    """Every version of a record, as far as this member may see it."""
    scope = request_scope(request)
    found = selectors.record(scope, key, record_id, deleted=scope.can(Permission.RECORDS_DELETE))
    changes = selectors.history(scope, key, record_id)
    known = names.named(request, (change.by for change in changes))
    moments = [_moment(found, change, known[change.by].label) for change in changes]
    return render(
        request,
        "records/history.html",
        {"record": found, "moments": moments, "activity_url": _activity(request, slug, found)},
    )


@page(Permission.RECORDS_CREATE)
def create(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """A new record."""
    scope = request_scope(request)
    shape = selectors.collection(scope, key)
    form = RecordForm(request.POST or None, scope=scope, shape=shape)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            department = form.cleaned_data.get("department", min(scope.departments, default=0))
            made = flows.create_record(scope=scope, collection=key, values=form.values, department=department)
            toasts.done(request, f"{made.title} is added.")
            return redirect("record", slug, key, made.id)
    return render(request, "records/form.html", {"form": form, "shape": shape}, status=status_of(form))


@page(Permission.RECORDS_EDIT)
def edit(request: HttpRequest, slug: str, key: str, record_id: UUID) -> HttpResponse:
    """Change a record's values; whoever was slower is told, and nothing is lost."""
    scope = request_scope(request)
    found = selectors.record(scope, key, record_id)
    form = RecordForm(request.POST or None, scope=scope, shape=found.shape, record=found)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            version = form.cleaned_data["version"]
            flows.edit_record(scope=scope, collection=key, record_id=record_id, version=version, values=form.values)
            toasts.done(request, "The record is saved.")
            return redirect("record", slug, key, record_id)
    context = {"form": form, "shape": found.shape, "record": found}
    return render(request, "records/form.html", context, status=status_of(form))


@page(Permission.RECORDS_EDIT)
@require_POST
def move(request: HttpRequest, slug: str, key: str, record_id: UUID) -> HttpResponse:
    """Give a record to another department."""
    form = MoveForm(request.POST, scope=request_scope(request))
    if not form.is_valid():
        raise Invalid("Expected one of the departments that you reach.")
    flows.move_record(scope=request_scope(request), collection=key, record_id=record_id, **form.cleaned_data)
    toasts.done(request, "The record belongs to another department now.")
    return redirect("record", slug, key, record_id)


@page(Permission.RECORDS_DELETE)
@require_POST
def delete(request: HttpRequest, slug: str, key: str, record_id: UUID) -> HttpResponse:
    """Put a record into the trash, with an Undo."""
    scope = request_scope(request)
    found = selectors.record(scope, key, record_id)
    flows.delete_record(scope=scope, collection=key, record_id=record_id)
    undo = reverse("record-restore", args=[slug, key, record_id])
    toasts.done(request, f"{found.title} is in the trash.", undo=undo)
    return redirect("records", slug, key)


@page(Permission.RECORDS_DELETE)
@require_POST
def restore(request: HttpRequest, slug: str, key: str, record_id: UUID) -> HttpResponse:
    """Take a record out of the trash."""
    made = flows.restore_record(scope=request_scope(request), collection=key, record_id=record_id)
    toasts.done(request, f"{made.title} is restored.")
    return redirect("record", slug, key, record_id)


def _moment(found: RecordView, change: Change, by: str) -> dict[str, Any]:
    """One version in the words of the timeline."""
    title, icon = _ACTIONS.get(change.action, (change.action.capitalize(), "history"))
    labels = {each.key: each.label for each in found.shape.fields}
    first = change.version == 1
    rows = [
        {"label": labels[key], "before": change.before.get(key, ""), "after": change.values.get(key, "")}
        for key in (() if first else change.changed)
    ]
    return {
        "title": title,
        "icon": icon,
        "by": by,
        "at": change.at,
        "rows": rows,
        "change": change,
        "note": f"version {change.version}",
    }


def _referring(request: HttpRequest, slug: str, found: RecordView) -> list[dict[str, Any]]:
    code = found.shape.code_field
    value = found.values.get(code.key, "") if code else ""
    return [
        {
            "shape": shape,
            "field": each,
            "count": count,
            "url": f"{reverse('records', args=[slug, shape.key])}?{each.key}={value or found.id}",
        }
        for shape, each, count in selectors.referring(request_scope(request), found.id)
    ]


def _activity(request: HttpRequest, slug: str, found: RecordView) -> str:
    may_read = request_scope(request).can(Permission.ACTIVITY_READ)
    return f"{reverse('activity', args=[slug])}?on=record:{found.id}" if may_read else ""
