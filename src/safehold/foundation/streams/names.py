"""What this room's things are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.request import request_scope
from safehold.foundation.streams import selectors
from safehold.ui.names import Named, Resolver

__all__ = ["NAMES"]


def _streams(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    scope = request_scope(request)
    if not scope.can(Permission.STREAMS_MANAGE):
        return {}
    slug = request.resolver_match.kwargs.get("slug", "") if request.resolver_match else ""
    rows = selectors.own(scope).filter(id__in=ids)
    return {row.id: Named(row.name, reverse("streams", args=[slug]) if slug else "") for row in rows}


NAMES: dict[str, Resolver] = {"stream": _streams}
