"""Puts the API together: signs callers in by token, mounts each room's routes, renders errors."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from safehold.api.problems import problem_response
from safehold.foundation.access.matrix import Permission
from safehold.foundation.anchors import api as anchors_api
from safehold.foundation.audit import api as audit_api, flows as audit
from safehold.foundation.identity import flows as identity
from safehold.foundation.scope.request import request_scope, route_of
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import rebind
from safehold.foundation.staff import api as staff_api
from safehold.foundation.tenancy import api as tenancy_api
from safehold.foundation.usage import api as usage_api
from safehold.kernel import reference
from safehold.kernel.errors import Denied, Invalid, NotSignedIn, Problem, SafeholdError
from safehold.workspace.records import api as records_api

__all__ = ["api", "urls"]

log = logging.getLogger(__name__)


class Token(HttpBearer):
    """A personal token: `Authorization: Bearer sfh_…`. It opens one tenant with its holder's role."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Find the token's scope, bind the transaction to it and put it on the request; raises `NotSignedIn`."""
        scope = identity.use_token(
            scope=request_scope(request), text=token, address=request.META.get("REMOTE_ADDR", "")
        )
        rebind(scope)
        request.scope = scope  # type: ignore[attr-defined]  # Django's request has no such attribute by itself
        return scope


api = NinjaAPI(
    title="Safehold",
    version="1",
    description=(
        "Records, members, departments and events of one workspace. Sign in with a personal token.\n\n"
        "An operation that writes takes `?wait=sealed`: the answer then comes once what it wrote has its place in the "
        "sealed log. `Safehold-Receipt: sealed` comes with `Safehold-Event` (the event's id), `Safehold-Index` (its "
        "place) and `Safehold-Checkpoint` (the size of the signed head that covers it); `Safehold-Receipt: pending` "
        "says that it is stored but took too long to be sealed. `GET events/{id}/proof` then gives the proof."
    ),
    auth=Token(),
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api",
)
api.add_router("/", tenancy_api.router)
api.add_router("/", records_api.router)
api.add_router("/", audit_api.router)
api.add_router("/", staff_api.router)
api.add_router("/", usage_api.router)
api.add_router("/", anchors_api.router)


def _answer(request: HttpRequest, error: SafeholdError) -> HttpResponse:
    """Undo whatever the operation did, leave a denial's event apart, and answer with the problem."""
    transaction.set_rollback(True)
    scope = getattr(request, "scope", None)
    if isinstance(error, Denied) and scope is not None:
        audit.record_refusal(scope, error, route=route_of(request))
    return problem_response(error, instance=request.path)


@api.exception_handler(SafeholdError)
def on_safehold_error(request: HttpRequest, error: SafeholdError) -> HttpResponse:
    """One of ours: it knows its status and its words."""
    return _answer(request, error)


@api.exception_handler(AuthenticationError)
def on_missing_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No token came, or none that could be read."""
    hint = "Send 'Authorization: Bearer <token>'. Make a token under Tokens in your workspace."
    return _answer(request, NotSignedIn(hint=hint))


@api.exception_handler(ValidationError)
def on_invalid_request(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The request doesn't have the form that OpenAPI describes."""
    problems = tuple(
        Problem(" ".join(str(part) for part in item.get("loc", ())), str(item.get("msg", ""))) for item in error.errors
    )
    return _answer(request, Invalid("The request doesn't have the expected form.", problems=problems))


@api.exception_handler(Exception)
def on_unforeseen_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """A mistake of ours: the answer says nothing but the reference, by which the log has the rest."""
    log.error("an operation failed: %s", route_of(request), exc_info=error)
    transaction.set_rollback(True)
    scope = getattr(request, "scope", None) or Scope(Kind.SIGN_IN, actor="visitor")
    audit.record_failure(scope, error, route=route_of(request), reference=reference.current())
    told = SafeholdError(hint="If it keeps happening, tell the people who run this installation the reference.")
    return problem_response(told, instance=request.path, reference=reference.current())


def _addresses() -> tuple[list[URLResolver | URLPattern], str, str]:
    """The API's addresses. Its own two, the root and the OpenAPI document, say nothing about anybody: open to all."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern.callback, partial):
            pattern.callback.permission = Permission.PUBLIC  # type: ignore[attr-defined]  # read by the system check
    return patterns, app_name, namespace


urls = _addresses()
