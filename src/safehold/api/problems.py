"""Errors as problem details (RFC 9457): one place turns the error tree into application/problem+json."""

from __future__ import annotations

import json

from django.http import HttpResponse

from safehold.kernel.errors import Invalid, SafeholdError

__all__ = ["problem_response"]


def problem_response(error: SafeholdError, *, instance: str = "", reference: str = "") -> HttpResponse:
    """The error as a problem document: type, title, status, detail, and `problems` for invalid input."""
    body: dict[str, object] = {
        "type": f"/docs/errors#{error.code}",
        "title": (type(error).__doc__ or "").strip().splitlines()[0],
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    }
    if error.hint:
        body["hint"] = error.hint
    if instance:
        body["instance"] = instance
    if reference:
        body["reference"] = reference
    if isinstance(error, Invalid):
        body["problems"] = [
            {"place": item.place, "expected": item.expected, "found": item.found} for item in error.problems
        ]
    response = HttpResponse(json.dumps(body), content_type="application/problem+json", status=error.status)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="safehold"'
    return response
