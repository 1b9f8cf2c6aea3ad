"""The usage page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.request import request_scope
from safehold.foundation.usage import selectors
from safehold.foundation.usage.forms import Period

__all__ = ["usage"]


@page(Permission.USAGE_READ)
def usage(request: HttpRequest, slug: str) -> HttpResponse:
    """How often what was used, by day and by kind of page."""
    form, today = Period(request.GET or {"days": "30"}), now().date()
    found = selectors.usage(scope=request_scope(request), first=form.first(today), last=today)
    points = [(day.day.isoformat(), day.views + day.actions) for day in found.days]
    return render(request, "usage/usage.html", {"form": form, "found": found, "points": points})
