"""Errors as pages. One place turns the error tree, and Django's own refusals, into the same calm page.

A page of errors asks nothing of the database or the session: it has to be shown when those are what failed.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from safehold.kernel.errors import Denied, Invalid, NotFound, SafeholdError, TooMany, Unavailable
from safehold.ui import navigation

__all__ = ["bad_request", "error_page", "forbidden", "not_found", "server_error"]

_TITLES = {
    400: ("That request can't be read", "circle-alert"),
    401: ("Sign in first", "log-in"),
    403: ("You may not open this", "lock"),
    404: ("There is nothing here", "search"),
    409: ("That doesn't go as things stand", "refresh-cw"),
    422: ("That can't be taken as it is", "triangle-alert"),
    429: ("A little slower, please", "clock"),
    500: ("Something went wrong on our side", "triangle-alert"),
    503: ("Away for a moment", "clock"),
}
_TITLES_BY_CODE = {"not-in-plan": ("The plan doesn't have this", "lock")}
_HELP = {
    403: "Your role decides what you may open. An owner or an admin of the workspace can change it.",
    404: "It may have been moved or deleted, or belong to a workspace you aren't in: from here nobody can tell.",
    500: "It has been noted. If it keeps happening, tell the people who run this installation the reference below.",
}


class _UnreadableError(SafeholdError):
    """The request can't be read, so nothing was done."""

    code = "bad-request"
    status = 400


class _FailedError(SafeholdError):
    """Nothing was changed by it: work that fails half-way is taken back whole."""

    code = "failed"
    status = 500


def error_page(
    request: HttpRequest, error: SafeholdError, *, reference: str = "", people: Sequence[str] = ()
) -> HttpResponse:
    """The page for an error: what happened, why, and the way on.

    `reference` finds it again in the logs; `people` are those who can help.
    """
    title, mark = _TITLES_BY_CODE.get(error.code) or _TITLES.get(error.status, _TITLES[500])
    home, home_label = _home(request)
    context = {
        "request": request,
        "title": title,
        "mark": mark,
        "message": error.message,
        "problems": error.problems if isinstance(error, Invalid) else (),
        "hint": error.hint,
        "help": "" if error.hint and error.status == Denied.status else _HELP.get(error.status, ""),
        "retry": request.method == "GET" and error.status in (429, 503),
        "home": home,
        "home_label": home_label,
        "status": error.status,
        "code": error.code,
        "reference": reference,
        "people": people,
    }
    response = HttpResponse(render_to_string("ui/error.html", context), status=error.status)
    if isinstance(error, TooMany | Unavailable):
        response["Retry-After"] = "30"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return error_page(request, _UnreadableError())


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """Django's handler403, and the view for a form whose CSRF token is missing or stale (CSRF_FAILURE_VIEW)."""
    if reason:
        hint = "Go back, load the page again and send the form once more."
        return error_page(request, Denied("This form was open for too long, or came from elsewhere.", hint=hint))
    return error_page(request, exception if isinstance(exception, Denied) else Denied())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return error_page(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return error_page(request, _FailedError(), reference=getattr(request, "reference", ""))


def _home(request: HttpRequest) -> tuple[str, str]:
    match = getattr(request, "resolver_match", None)
    slug = match.kwargs.get("slug") if match else None
    inside = getattr(getattr(request, "scope", None), "tenant_id", None)
    offered = navigation.shown(request, "tenant") if slug and inside else []  # the first page that they may open
    return (offered[0].url, "To the workspace") if offered else ("/", "To the start")
