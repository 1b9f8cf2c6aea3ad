"""What this room's things are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.request import request_scope
from safehold.kernel.errors import NotFound
from safehold.ui.names import Named, Resolver
from safehold.workspace.records import selectors

__all__ = ["NAMES"]


def _slug(request: HttpRequest) -> str:
    return request.resolver_match.kwargs.get("slug", "") if request.resolver_match else ""


def _records(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    slug = _slug(request)
    if not request_scope(request).can(Permission.RECORDS_READ):
        return {}
    return {
        link.id: Named(
            link.title or link.code or f"Record …{str(link.id)[-6:]}",
            reverse("record", args=[slug, link.collection, link.id]),
        )
        for link in selectors.named(request_scope(request), ids)
    }


def _collections(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    scope, slug = request_scope(request), _slug(request)
    if not scope.can(Permission.RECORDS_READ):
        return {}
    shapes = [*selectors.collections(scope), *selectors.collections(scope, archived=True)]
    return {
        shape.id: Named(shape.label, reverse("records", args=[slug, shape.key])) for shape in shapes if shape.id in ids
    }


def _imports(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    scope, slug = request_scope(request), _slug(request)
    if not scope.can(Permission.RECORDS_IMPORT):
        return {}
    found = {}
    for import_id in ids:
        try:
            label = selectors.import_view(scope, import_id).filename
        except NotFound:
            continue  # one that was read in at once, without waiting
        found[import_id] = Named(label, reverse("import", args=[slug, import_id]))
    return found


NAMES: dict[str, Resolver] = {"record": _records, "collection": _collections, "import": _imports}
