"""Pages of the activity: who did what, on what, from where and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.forms import ActivityFilter, presets
from safehold.foundation.audit.listing import Form, export_list
from safehold.foundation.audit.pagecheck import verify_page
from safehold.foundation.audit.reading import note_reading, take_proof
from safehold.foundation.audit.selectors import Activity, Page
from safehold.foundation.scope import clock
from safehold.foundation.scope.middleware import reads_nothing
from safehold.foundation.scope.request import request_scope
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Invalid, Tampered
from safehold.ui import names
from safehold.ui.faces import address_with, address_without, status_of
from safehold.ui.names import Named

__all__ = ["activity", "event", "export", "export_log", "proof"]


@dataclass(frozen=True, slots=True)
class Line:
    """An event with the names of who acted and of what was acted on."""

    event: Activity
    who: Named
    what: Named


@page(Permission.ACTIVITY_READ)
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    """The events that the address asks for, newest first; none where it asks for nothing that can be understood."""
    scope, form = request_scope(request), ActivityFilter(request.GET, auto_id="filter_%s")
    after = request.GET.get("after", "")
    found = selectors.activity(scope=scope, filters=form.filters(), cursor=after) if form.is_valid() else Page()
    context = {
        "form": form,
        "lines": _lines(request, found.events),
        "unsound": sum(not each.sound for each in found.events),
        "presets": _presets(request),
        "chips": _chips(request),
        "head": selectors.head(scope=scope),
        **_kept(scope),
        "verdict": _verdict(request, found.events) if "verify" in request.GET else None,
        "verify_url": address_with(request, verify="1"),
        "exports": _exports(request, slug) if scope.can(Permission.ACTIVITY_EXPORT) else (),
        "clear": request.path if any(request.GET.get(name) for name in form.fields) else "",
        "previous": address_with(request, after=None, verify=None) if after else "",
        "next": address_with(request, after=found.next, verify=None) if found.next else "",
    }
    note_reading(scope=scope)
    return render(request, "audit/activity.html", context, status=status_of(form))


@page(Permission.ACTIVITY_READ)
def event(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """One event with all that is known of it, and its place in the log."""
    scope = request_scope(request)
    found = selectors.event(scope=scope, event_id=event_id)
    note_reading(scope=scope)
    return render(request, "audit/event.html", {"line": _lines(request, [found])[0], "body": found.body.decode()})


@page(Permission.ACTIVITY_READ)
def proof(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """The proof that one event is in the log, as a file to keep."""
    text = take_proof(scope=request_scope(request), event_id=event_id)
    headers = {"Content-Disposition": f'attachment; filename="{event_id}.tlog-proof"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@page(Permission.ACTIVITY_EXPORT)
def export(request: HttpRequest, slug: str, form: Form) -> HttpResponse:
    """What the page shows, all of it, as a table."""
    asked = ActivityFilter(request.GET)
    if not asked.is_valid():
        raise Invalid("The activity can't be exported as asked.", hint="Clear the filters and try again.")
    text = export_list(scope=request_scope(request), filters=asked.filters(), form=form)
    headers = {"Content-Disposition": f'attachment; filename="{slug}-activity.{form.value}"'}
    return HttpResponse(text, content_type=form.media_type, headers=headers)


@page(Permission.ACTIVITY_EXPORT)
@require_POST
def export_log(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The whole sealed log as one file that proves itself; written aside first: a stream would outlive its scope."""
    made = flows.export_log(scope=request_scope(request))
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    for piece in made.pieces:
        file.write(piece)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=made.name, content_type="application/octet-stream")
    return reads_nothing(response)


def _kept(scope: Scope) -> dict[str, Any]:
    """For how long entries are kept, what was purged in the last year, and whether anything is held."""
    return {
        "keeping": selectors.keeping(scope=scope),
        "purged": next(iter(selectors.purges(scope=scope, since=clock.now() - timedelta(days=400))), None),
        "holds": selectors.holds(scope=scope),
    }


def _lines(request: HttpRequest, events: Iterable[Activity]) -> list[Line]:
    listed = list(events)
    known = names.named(request, [reference for each in listed for reference in (each.actor, each.on)])
    nothing = Named("")
    return [Line(each, known.get(each.actor, nothing), known.get(each.on, nothing)) for each in listed]


def _presets(request: HttpRequest) -> list[dict[str, Any]]:
    """The periods one press away, which keep the other filters."""
    now, until = request.GET.get("since", ""), request.GET.get("until", "")
    gone = {"until": None, "after": None, "verify": None}
    return [
        {"text": text, "href": address_with(request, since=day, **gone), "current": now == day and not until}
        for text, day in presets(clock.now().date())
    ]


def _exports(request: HttpRequest, slug: str) -> list[tuple[str, str]]:
    """What the page shows as a table, in each form: what it is called, and its address."""
    kinds = (("These events as CSV", "activity-csv"), ("These events as JSON Lines", "activity-jsonl"))
    return [(text, address_with(request, reverse(name, args=[slug]), after=None, verify=None)) for text, name in kinds]


def _chips(request: HttpRequest) -> list[dict[str, str]]:
    """The conditions that no field of the filter bar shows: by whom, on what."""
    asked = {name: request.GET.get(name, "") for name in ("actor", "on")}
    known = names.named(request, asked.values())
    words = {"actor": "by", "on": "on"}
    return [
        {"text": f"{words[name]} {known[value].label}", "without": address_without(request, name, "after")}
        for name, value in asked.items()
        if value
    ]


def _verdict(request: HttpRequest, events: Sequence[Activity]) -> dict[str, Any]:
    """What verifying the page found, in words."""
    try:
        found = verify_page(scope=request_scope(request), events=events)
    except Tampered as error:
        return {"good": False, "title": "The log's signed head does not open", "text": error.message}
    if not found.good:
        text = "Not what was sealed: " + ", ".join(f"{each.type} {each.id}" for each in found.wrong)
        return {"good": False, "title": f"{len(found.wrong)} of {len(events)} events were tampered with", "text": text}
    proved = f"{found.proved} of {len(events)} lead to the signed head over {found.size} events."
    waiting = f" {found.waiting} are too new: no head is signed over them yet." if found.waiting else ""
    return {"good": True, "title": "Every event on this page is what was written", "text": proved + waiting}
