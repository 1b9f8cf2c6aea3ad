"""The outermost of the middleware that touches rows: one scoped transaction for each request."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from safehold.foundation.scope.errors import LazyResponse
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped

__all__ = ["ScopeMiddleware", "reads_nothing"]

_READS_NOTHING = "safehold_reads_nothing"


class ScopeMiddleware:
    """Opens the transaction before anybody looks at the request, and commits when the answer stands whole.

    It begins in the sign-in kind, for finding out who is there; sessions, accounts, the view and its template all run
    inside, and rebind it. Anything that escapes, and any answer of 500 or more, rolls back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request within one transaction."""
        scope = Scope(Kind.SIGN_IN, actor="visitor", address=request.META.get("REMOTE_ADDR", ""))
        with scoped(scope):
            request.scope = scope  # type: ignore[attr-defined]  # Django's request has no such attribute
            response = self.get_response(request)
            _refuse_lazy(response)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response


def reads_nothing(response: StreamingHttpResponse) -> StreamingHttpResponse:
    """Mark a stream whose parts come from no row: it may be sent after the transaction has ended."""
    setattr(response, _READS_NOTHING, True)
    return response


def _refuse_lazy(response: HttpResponseBase) -> None:
    """A stream is produced after the commit, outside every scope. Better no answer than half a one."""
    if response.streaming and not getattr(response, _READS_NOTHING, False):
        raise LazyResponse
