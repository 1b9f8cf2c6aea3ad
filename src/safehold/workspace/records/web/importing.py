"""Pages of an import: the file, its preview, its progress and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.request import request_scope
from safehold.kernel.errors import Invalid
from safehold.ui import toasts
from safehold.ui.faces import attempt, status_of
from safehold.workspace.records import flows, selectors
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.selectors import ImportView
from safehold.workspace.records.web.forms import MappingForm, NewUploadForm, UploadForm

__all__ = ["choose_entries", "discard", "show", "start", "upload", "upload_new"]


@page(Permission.RECORDS_IMPORT)
def upload(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Choose a file for a collection. It is kept sealed; nothing is stored before its preview was seen."""
    scope = request_scope(request)
    shape = selectors.collection(scope, key)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            return redirect("import", slug, _kept(request, key, form.cleaned_data["file"]))
    context = {
        "form": form,
        "shape": shape,
        "imports": _earlier(request, key),
        "entry_a_row": selectors.entry_a_row(scope),
        "may_choose": scope.can(Permission.SETTINGS_MANAGE),
    }
    return render(request, "records/upload.html", context, status=status_of(form))


@page(Permission.SETTINGS_MANAGE)
@require_POST
def choose_entries(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """An entry for each imported row, or for each batch alone."""
    flows.choose_entries(scope=request_scope(request), each_row=request.POST.get("each_row") == "yes")
    toasts.done(request, "That holds from the next import on.")
    return redirect("import-into", slug, key)


@page(Permission.COLLECTIONS_MANAGE)
def upload_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a file design a new collection, then import it."""
    form = NewUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            data = form.cleaned_data["file"].read()
            made = flows.design_collection(scope=request_scope(request), label=form.cleaned_data["label"], data=data)
            form.cleaned_data["file"].seek(0)
            return redirect("import", slug, _kept(request, made.key, form.cleaned_data["file"]))
    return render(request, "records/upload.html", {"form": form, "shape": None}, status=status_of(form))


@page(Permission.RECORDS_IMPORT)
def show(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Where an import stands: its preview, its progress, or its result."""
    scope = request_scope(request)
    found = selectors.import_view(scope, import_id)
    context: dict[str, Any] = {"found": found, "shape": selectors.collection(scope, found.collection)}
    if found.state != "checked":
        context["moving"] = found.state in ("waiting", "running")
        return _progress(request, context)
    context |= _preview(request, found)
    if request.method == "POST" and context["form"].is_valid():
        flows.change_options(scope=scope, import_id=import_id, options=context["form"].options(found.options))
        return redirect("import", slug, import_id)
    return render(request, "records/preview.html", context)


@page(Permission.RECORDS_IMPORT)
@require_POST
def start(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Hand a previewed file to the worker."""
    flows.queue_import(scope=request_scope(request), import_id=import_id)
    return redirect("import", slug, import_id)


@page(Permission.RECORDS_IMPORT)
@require_POST
def discard(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Forget a previewed file."""
    scope = request_scope(request)
    found = selectors.import_view(scope, import_id)
    flows.discard_import(scope=scope, import_id=import_id)
    toasts.done(request, f"{found.filename} is forgotten. Nothing of it was stored.")
    return redirect("records", slug, found.collection)


def _kept(request: HttpRequest, key: str, file: UploadedFile[bytes]) -> UUID:
    scope = request_scope(request)
    options = ImportOptions(department=min(scope.departments, default=0))
    return flows.keep_file(scope=scope, collection=key, filename=file.name or "", data=file.read(), options=options)


def _earlier(request: HttpRequest, key: str) -> list[ImportView]:
    return [each for each in selectors.imports(request_scope(request)) if each.collection == key][:5]


def _preview(request: HttpRequest, found: ImportView) -> dict[str, Any]:
    """What would come of the file as it is mapped now, and the form that maps it otherwise."""
    scope = request_scope(request)
    shape, data = selectors.collection(scope, found.collection), selectors.import_file(scope, found.id)
    try:
        preview = flows.check_file(scope=scope, collection=shape.key, data=data, options=found.options)
        columns, refused = preview.columns, None
    except Invalid as error:
        preview, columns, refused = None, (), error
    form = MappingForm(request.POST or None, shape=shape, columns=columns, initial={"encoding": found.options.encoding})
    filled = [each for each in shape.fields if each.key in {key for _, key in columns}]
    rows = [[row.get(each.key, "") for each in filled] for row in preview.rows] if preview else []
    return {"preview": preview, "refused": refused, "form": form, "filled": filled, "rows": rows}


def _progress(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The page of a started import, or only its moving part where a page that shows it asks again."""
    if not request.headers.get("HX-Request"):
        return render(request, "records/progress.html", context)
    response = render(request, "records/progress_part.html", context)
    if not context["moving"]:
        response["HX-Refresh"] = "true"
    return response
