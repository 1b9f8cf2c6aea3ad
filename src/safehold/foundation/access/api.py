"""How API operations declare what they need: `@operation(Permission.X)` under the router's own decorator."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest

from safehold.foundation.access.matrix import Permission
from safehold.kernel.errors import NotSignedIn

__all__ = ["operation"]

P = ParamSpec("P")
R = TypeVar("R")
Handler = Callable[Concatenate[HttpRequest, P], R]


def operation(permission: Permission) -> Callable[[Handler[P, R]], Handler[P, R]]:
    """Mark an API operation with the permission it needs, and refuse a caller whose role doesn't hold it.

    The scope was put on the request by the token that signed the caller in; without one the caller isn't signed in.
    """

    def decorate(handler: Handler[P, R]) -> Handler[P, R]:
        @wraps(handler)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            scope: Any = getattr(request, "scope", None)
            if scope is None:
                raise NotSignedIn
            if permission is not Permission.PUBLIC:
                scope.require(permission)
            return handler(request, *args, **kwargs)

        # Ninja reads the handler's types by its signature; they are names of the handler's module, not of this one.
        checked.__signature__ = inspect.signature(handler, eval_str=True)  # type: ignore[attr-defined]  # as inspect asks
        checked.permission = permission  # type: ignore[attr-defined]  # read by the system check and the reference
        return checked

    return decorate
