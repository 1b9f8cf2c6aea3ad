"""What every page inside a workspace knows: which one it is. Loaded only if the page says it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from safehold.foundation.scope.request import request_scope
from safehold.foundation.scope.scope import Kind
from safehold.foundation.tenancy import selectors

__all__ = ["workspace"]

_INSIDE = (Kind.TENANT, Kind.STAFF, Kind.GUEST)


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`workspace` (the tenant) and `slug`, on pages under `/t/<slug>/`."""
    match = request.resolver_match
    if match is None or "slug" not in match.kwargs or request_scope(request).kind not in _INSIDE:
        return {}
    scope = request_scope(request)
    return {"slug": match.kwargs["slug"], "workspace": SimpleLazyObject(lambda: selectors.tenant(scope))}
