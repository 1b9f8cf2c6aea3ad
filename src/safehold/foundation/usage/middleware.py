"""Counts what was asked for in a workspace, once the answer stands and its transaction is over."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from safehold.foundation.scope.clock import now
from safehold.foundation.scope.request import request_scope, route_of
from safehold.foundation.scope.scope import Kind
from safehold.foundation.usage import counting
from safehold.foundation.usage.conf import ROUTE

__all__ = ["UsageMiddleware"]

_ROUTE = re.compile(ROUTE)


class UsageMiddleware:
    """Stands outside the scope's transaction: counting holds up no row and is undone by nobody.

    What was refused or failed isn't use; the audit log has it. What the platform's staff open isn't the workspace's
    own use; the audit log has that too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, then count it."""
        response = self.get_response(request)
        if response.status_code < 400 and request.resolver_match is not None:
            scope = request_scope(request)
            if scope.kind is Kind.TENANT and scope.account_id is not None:
                _count(request, scope.tenant)
        return response


def _count(request: HttpRequest, tenant_id: UUID) -> None:
    route = route_of(request).replace("HEAD ", "GET ", 1)
    if _ROUTE.fullmatch(route):  # a method that somebody made up is text of theirs
        counting.count(tenant_id, now().date(), route)
