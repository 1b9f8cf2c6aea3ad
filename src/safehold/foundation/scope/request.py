"""The scope of a request, for the faces."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from safehold.foundation.scope.scope import Scope

__all__ = ["request_scope", "route_of"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
"""Any other is a word that the client chose, which has no place in the log."""


def request_scope(request: HttpRequest) -> Scope:
    """The scope that the middleware bound to this request."""
    return cast("Scope", request.scope)  # type: ignore[attr-defined]  # put there by ScopeMiddleware


def route_of(request: HttpRequest) -> str:
    """The method and the pattern of the address that was asked for: no ids, no names, nothing that a person typed."""
    match, method = request.resolver_match, request.method if request.method in _METHODS else "OTHER"
    return f"{method} /{match.route}" if match else f"{method} unknown"
