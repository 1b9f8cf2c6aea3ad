"""The two pages of the ui floor: the gallery of all elements, and the choice of light or dark."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from safehold.ui import samples

__all__ = ["gallery", "set_theme"]

_YEAR = 365 * 24 * 3600


def gallery(request: HttpRequest) -> HttpResponse:
    """Every element on one page, with made-up content: to look at, and for tests to check."""
    return render(request, "ui/gallery/page.html", samples.context())


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice of light or dark in a cookie, then back to where it was made."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "/")
    choice = request.POST.get("theme", "")
    if choice in ("light", "dark"):
        response.set_cookie("safehold_theme", choice, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("safehold_theme")
    return response
