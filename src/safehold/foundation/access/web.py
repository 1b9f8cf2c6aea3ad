"""How pages declare what they need: `@page(Permission.X)`, or `@public` where everybody may come."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from safehold.foundation.access.matrix import Permission
from safehold.kernel.errors import Denied, NotSignedIn

__all__ = ["page", "public", "require"]

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def page(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Mark a view with the permission it needs, and refuse whoever doesn't hold it before the view runs.

    The scope is `request.scope`. A view without a mark fails the system check `safehold.access.E001`.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            require(getattr(request, "scope", None), permission)
            return view(request, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]  # read by the system check
        return checked

    return decorate


def public(view: View[P]) -> View[P]:
    """Mark a view as open to everybody, signed in or not."""
    return page(Permission.PUBLIC)(view)


def require(scope: Any, permission: Permission) -> None:
    """Raise `NotSignedIn` or `Denied` unless `scope` (of this room's upstairs neighbour) may pass this door."""
    if permission is Permission.PUBLIC:
        return
    if scope is None or (scope.account_id is None and scope.role is None):
        raise NotSignedIn
    if permission is Permission.SIGNED_IN:
        return
    if permission is Permission.STAFF:
        scope.require(permission)
        return
    if scope.role is None:
        raise Denied("This page belongs to a workspace.", hint="Open one of your workspaces first.")
    scope.require(permission)
