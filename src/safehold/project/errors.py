"""Errors on pages: what was done is undone, a denial leaves its event, and the person reads what to do next."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.request import route_of
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Denied, SafeholdError
from safehold.ui.errors import error_page

__all__ = ["ErrorPages"]


class ErrorPages:
    """Turns an error of ours, raised by a page, into a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; the work is done where the view raised."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Render `SafeholdError`; leave anything else to Django's handler, which answers 500."""
        if not isinstance(exception, SafeholdError):
            return None
        scope = getattr(request, "scope", None)
        people = _deciders(scope) if isinstance(exception, Denied) and scope is not None else []
        transaction.set_rollback(True)
        if isinstance(exception, Denied) and scope is not None:
            audit.record_refusal(scope, exception, route=route_of(request))
        return error_page(request, exception, people=people)


def _deciders(scope: Scope) -> list[str]:
    """Who can change what this person may do, asked before the work is undone; nobody where nobody may say."""
    if scope.kind is not Kind.TENANT or transaction.get_connection().needs_rollback:
        return []
    return tenancy.deciders(scope)
