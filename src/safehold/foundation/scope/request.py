"""The scope of a request, for the faces."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from safehold.foundation.scope.scope import Scope

__all__ = ["request_scope"]


def request_scope(request: HttpRequest) -> Scope:
    """The scope that the middleware bound to this request."""
    return cast("Scope", request.scope)  # type: ignore[attr-defined]  # put there by ScopeMiddleware
