"""Errors that nobody foresaw, in pages and the API: each leaves an event, and a reference to find its log lines by."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.request import route_of
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel import reference

__all__ = ["References"]


class References:
    """Gives each request a reference of its own, which its log lines carry, and its error page if it ends in one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        got_request_exception.connect(_leave_event, dispatch_uid="safehold.failures")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on under its reference."""
        request.reference = reference.begin()  # type: ignore[attr-defined]  # read by the page of errors
        return self.get_response(request)


def _leave_event(sender: object, request: HttpRequest | None = None, **_: object) -> None:
    """Django met an error that no view answered for, and is about to answer 500."""
    error = sys.exc_info()[1]
    if error is None or request is None:
        return
    scope = getattr(request, "scope", None) or Scope(Kind.SIGN_IN, actor="visitor")
    audit.record_failure(scope, error, route=route_of(request), reference=reference.current())
