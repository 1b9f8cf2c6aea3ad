"""Pages where a workspace designs its collections."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.request import request_scope
from safehold.kernel.errors import NotFound
from safehold.ui import toasts
from safehold.ui.faces import attempt, status_of
from safehold.workspace.records import flows, selectors
from safehold.workspace.records.importing.guess import field_key
from safehold.workspace.records.web.forms import CollectionForm, FieldForm

__all__ = ["add_field", "archive", "change_field", "fields", "new_collection", "rename"]


@page(Permission.COLLECTIONS_MANAGE)
def new_collection(request: HttpRequest, slug: str) -> HttpResponse:
    """A new collection; its fields come next."""
    form = CollectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with attempt(form):
            key = asked["key"] or field_key(asked["label"]).lower()
            flows.create_collection(
                scope=request_scope(request), key=key, label=asked["label"], singular=asked["singular"]
            )
            toasts.done(request, f"{asked['label']} is made. Now give it fields.")
            return redirect("collection-fields", slug, key)
    return render(request, "records/new_collection.html", {"form": form}, status=status_of(form))


@page(Permission.COLLECTIONS_MANAGE)
def fields(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """The fields of a collection."""
    scope = request_scope(request)
    shape = selectors.whole_collection(scope, key)
    targets = {each.id: each.label for each in selectors.collections(scope)}
    listed = [
        {
            "field": each,
            "target": targets.get(each.target_id) if each.target_id else "",
            "seen": each.field_class in scope.readable,
        }
        for each in shape.fields
    ]
    return render(request, "records/fields.html", {"shape": shape, "listed": listed})


@page(Permission.COLLECTIONS_MANAGE)
def add_field(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """One more field."""
    scope = request_scope(request)
    shape = selectors.whole_collection(scope, key)
    form = FieldForm(request.POST or None, scope=scope, initial={"indexed": True})
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            flows.add_field(scope=scope, collection=key, field=form.spec())
            toasts.done(request, f"{form.cleaned_data['label']} is added.")
            return redirect("collection-fields", slug, key)
    return render(request, "records/field.html", {"form": form, "shape": shape}, status=status_of(form))


@page(Permission.COLLECTIONS_MANAGE)
def change_field(request: HttpRequest, slug: str, key: str, field: str) -> HttpResponse:
    """Change a field; what is sealed otherwise than before is sealed anew."""
    scope = request_scope(request)
    shape = selectors.whole_collection(scope, key)
    found = shape.find(field)
    if found is None:
        raise NotFound("There is no such field.")
    form = FieldForm(request.POST or None, scope=scope, field=found)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            flows.change_field(scope=scope, collection=key, field=form.spec(field))
            toasts.done(request, f"{form.cleaned_data['label']} is changed.")
            return redirect("collection-fields", slug, key)
    return render(request, "records/field.html", {"form": form, "shape": shape, "field": found}, status=status_of(form))


@page(Permission.COLLECTIONS_MANAGE)
def rename(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """A collection's names; its key never changes."""
    scope = request_scope(request)
    shape = selectors.whole_collection(scope, key)
    form = CollectionForm(request.POST or None, initial={"label": shape.label, "singular": shape.singular})
    del form.fields["key"]
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            names = {name: form.cleaned_data[name] or None for name in ("label", "singular")}
            flows.change_collection(scope=scope, collection=key, **names)
            toasts.done(request, "The collection is renamed.")
            return redirect("collection-fields", slug, key)
    return render(request, "records/rename.html", {"form": form, "shape": shape}, status=status_of(form))


@page(Permission.COLLECTIONS_MANAGE)
@require_POST
def archive(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Put a collection away, or take it back; its records stay as they are."""
    archived = request.POST.get("archived") == "yes"
    shape = flows.change_collection(scope=request_scope(request), collection=key, archived=archived)
    toasts.done(request, f"{shape.label} is {'archived' if archived else 'back'}.")
    return redirect("collections", slug)
