"""The page of who outside holds heads of a workspace's log: a face of flows."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.anchors import flows, selectors
from safehold.foundation.anchors.forms import AnchorForm
from safehold.foundation.scope.request import request_scope
from safehold.ui import toasts
from safehold.ui.faces import attempt, status_of

__all__ = ["anchors", "end"]


@page(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def anchors(request: HttpRequest, slug: str) -> HttpResponse:
    """Who holds heads, and how far back the log could be rewritten unseen; a new secret is in this answer alone."""
    scope, form, secret = request_scope(request), AnchorForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            secret = flows.add_place(scope=scope, where=form.cleaned_data["where"]).secret
            toasts.done(request, "Added. The first head is on its way within a minute.")
            if not secret:
                return redirect("anchors", slug)
            form = AnchorForm()
    context = {"form": form, "secret": secret, "places": selectors.holders(scope), "window": selectors.window(scope)}
    return render(request, "anchors/anchors.html", context, status=status_of(form))


@page(Permission.SETTINGS_MANAGE)
@require_POST
def end(request: HttpRequest, slug: str, place_id: UUID) -> HttpResponse:
    """Give somebody no more heads."""
    flows.end_place(scope=request_scope(request), place_id=place_id)
    toasts.done(request, "It is given no more heads. What it holds still counts as proof.")
    return redirect("anchors", slug)
