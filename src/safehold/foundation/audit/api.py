"""The API's face of the activity log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from safehold.foundation.access.api import operation
from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import selectors
from safehold.foundation.audit.listing import Form, export_list, plain
from safehold.foundation.audit.reading import note_reading, take_proof
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.audit.waiting import LONGEST, place_to_wait
from safehold.foundation.scope.request import request_scope

__all__ = ["router"]

router = Router(tags=["Events"])


class EventOut(Schema):
    """One event. `index` and `chain` are its place in the sealed log, null while it waits for one."""

    id: UUID
    at: datetime
    type: str
    actor: str
    on: str
    sentence: str
    fields: dict[str, Any]
    personal: dict[str, str | None]
    address: str
    security: bool
    index: int | None
    digest: str
    chain: str


class EventPage(Schema):
    """A page of events, newest first; `next` is the `cursor` of the following page, empty on the last."""

    items: list[EventOut]
    next: str


class SealedPage(Schema):
    """Sealed events in the log's order; `next` is the `index` to go on with, whether or not there is more yet."""

    items: list[EventOut]
    next: int


class Which(Schema):
    """Which events; `since` is the first moment, `until` the first one after."""

    actor: str = ""
    type: str = ""
    on: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    security: bool = False


class EventFilter(Which):
    """Which events, and which page of them."""

    cursor: str = ""
    limit: int = 50


class SealedFrom(Which):
    """Where to go on reading, and which events; `wait` asks to be answered only when there is more (seconds)."""

    index: int = 0
    limit: int = 200
    wait: int = Field(0, ge=0, le=LONGEST)


class Checkpoint(Schema):
    """The newest signed head of the log, as a C2SP signed note."""

    note: str


def _size(limit: int) -> int:
    return min(max(limit, 1), 500)


def _filters(wanted: Which) -> Filters:
    return Filters(**{name: getattr(wanted, name) for name in Which.model_fields})


@router.get("events", response=EventPage)
@operation(Permission.ACTIVITY_READ)
def list_events(request: HttpRequest, wanted: Query[EventFilter]) -> dict[str, object]:
    """The newest events that fit."""
    scope = request_scope(request)
    found = selectors.activity(scope=scope, filters=_filters(wanted), cursor=wanted.cursor, limit=_size(wanted.limit))
    note_reading(scope=scope)
    return {"items": [plain(each) for each in found.events], "next": found.next}


@router.get("events.csv", response={200: str})
@operation(Permission.ACTIVITY_EXPORT)
def export_events_as_csv(request: HttpRequest, wanted: Query[Which]) -> HttpResponse:
    """All events that fit, newest first, as CSV."""
    return _table(request, wanted, Form.CSV)


@router.get("events.jsonl", response={200: str})
@operation(Permission.ACTIVITY_EXPORT)
def export_events_as_lines(request: HttpRequest, wanted: Query[Which]) -> HttpResponse:
    """All events that fit, newest first, as JSON Lines: each line is an event as `GET events` gives it."""
    return _table(request, wanted, Form.JSON_LINES)


def _table(request: HttpRequest, wanted: Which, form: Form) -> HttpResponse:
    text = export_list(scope=request_scope(request), filters=_filters(wanted), form=form)
    return HttpResponse(text, content_type=form.media_type)


@router.get("events/sealed", response=SealedPage)
@operation(Permission.ACTIVITY_READ)
def list_sealed_events(request: HttpRequest, wanted: Query[SealedFrom]) -> dict[str, object]:
    """Sealed events from a place on that fit. Who asks again with `next` misses nothing and gets nothing twice.

    With `wait` the answer comes when there is more, after that many seconds at the latest, and at once where too many
    others wait already. A page may be empty although the log goes on, where nothing of a stretch fits: ask on.
    """
    scope, start = request_scope(request), max(wanted.index, 0)
    with place_to_wait(wanted.wait) as seconds:
        selectors.wait_for_more(scope=scope, index=start, timeout=seconds)
    found = selectors.sealed_from(scope=scope, index=start, filters=_filters(wanted), limit=_size(wanted.limit))
    note_reading(scope=scope)
    return {"items": [plain(each) for each in found.events], "next": found.next}


@router.get("events/checkpoint", response=Checkpoint)
@operation(Permission.ACTIVITY_READ)
def read_checkpoint(request: HttpRequest) -> dict[str, str]:
    """The newest signed head of this workspace's log, to keep outside and compare."""
    return {"note": selectors.newest_note(scope=request_scope(request))}


@router.get("events/{uuid:event_id}", response=EventOut)
@operation(Permission.ACTIVITY_READ)
def read_event(request: HttpRequest, event_id: UUID) -> dict[str, object]:
    """One event."""
    scope = request_scope(request)
    found = plain(selectors.event(scope=scope, event_id=event_id))
    note_reading(scope=scope)
    return found


@router.get("events/{uuid:event_id}/proof", response={200: str})
@operation(Permission.ACTIVITY_READ)
def prove_event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The proof that one event is in this workspace's log, as a C2SP tlog-proof. Until a head covers it: 503."""
    text = take_proof(scope=request_scope(request), event_id=event_id)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
