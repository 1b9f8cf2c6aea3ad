"""Pages of a workspace's streams: faces of flows."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.request import request_scope
from safehold.foundation.streams import flows, selectors
from safehold.foundation.streams.forms import StreamForm
from safehold.foundation.streams.models import Stream
from safehold.ui import toasts
from safehold.ui.faces import attempt, status_of

__all__ = ["end", "pause", "resume", "streams"]


@page(Permission.STREAMS_MANAGE)
@require_http_methods(["GET", "POST"])
def streams(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the log is sent on to, and how far; a new stream's key is in this answer and nowhere else."""
    scope, form, key = request_scope(request), StreamForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            made, key = flows.create_stream(scope=scope, **form.cleaned_data)
            toasts.done(request, f"{made.name} begins within seconds.")
            if not key:
                return redirect("streams", slug)
            form = StreamForm()
    context = {"form": form, "streams": selectors.streams(scope), "key": key}
    return render(request, "streams/streams.html", context, status=status_of(form))


@page(Permission.STREAMS_MANAGE)
@require_POST
def pause(request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:
    """Stop for now."""
    return _change(request, slug, stream_id, flows.pause_stream, "is paused and keeps its place.")


@page(Permission.STREAMS_MANAGE)
@require_POST
def resume(request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:
    """Go on, or try again at once."""
    return _change(request, slug, stream_id, flows.resume_stream, "goes on.")


@page(Permission.STREAMS_MANAGE)
@require_POST
def end(request: HttpRequest, slug: str, stream_id: UUID) -> HttpResponse:
    """End it for good."""
    return _change(request, slug, stream_id, flows.end_stream, "has ended.")


def _change(
    request: HttpRequest, slug: str, stream_id: UUID, change: Callable[..., Stream], words: str
) -> HttpResponse:
    made = change(scope=request_scope(request), stream_id=stream_id)
    toasts.done(request, f"{made.name} {words}")
    return redirect("streams", slug)
