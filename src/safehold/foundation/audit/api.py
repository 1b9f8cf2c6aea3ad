"""The API's face of the activity log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from safehold.foundation.access.api import operation
from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import selectors
from safehold.foundation.audit.selectors import Activity, Filters
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


class EventFilter(Schema):
    """Which events; `since` is the first moment, `until` the first one after."""

    actor: str = ""
    type: str = ""
    on: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    security: bool = False
    cursor: str = ""
    limit: int = 50


class SealedFrom(Schema):
    """Where to go on reading."""

    index: int = 0
    limit: int = 200


class Checkpoint(Schema):
    """The newest signed head of the log, as a C2SP signed note."""

    note: str


def _out(found: Activity) -> dict[str, object]:
    names = ("id", "at", "type", "actor", "on", "sentence", "fields", "personal", "address", "security", "index")
    return {name: getattr(found, name) for name in names} | {
        "digest": found.digest.hex(),
        "chain": found.chain.hex(),
    }


def _size(limit: int) -> int:
    return min(max(limit, 1), 500)


@router.get("events", response=EventPage)
@operation(Permission.ACTIVITY_READ)
def list_events(request: HttpRequest, wanted: Query[EventFilter]) -> dict[str, object]:
    """The newest events that fit."""
    asked = wanted.dict(exclude={"cursor", "limit"})
    page = selectors.activity(
        scope=request_scope(request), filters=Filters(**asked), cursor=wanted.cursor, limit=_size(wanted.limit)
    )
    return {"items": [_out(found) for found in page.events], "next": page.next}


@router.get("events/sealed", response=SealedPage)
@operation(Permission.ACTIVITY_READ)
def list_sealed_events(request: HttpRequest, wanted: Query[SealedFrom]) -> dict[str, object]:
    """Sealed events from a place on. Who asks again with `next` misses nothing and gets nothing twice."""
    start = max(wanted.index, 0)
    found = selectors.sealed_since(scope=request_scope(request), index=start, limit=_size(wanted.limit))
    after = (found[-1].index or 0) + 1 if found else start
    return {"items": [_out(each) for each in found], "next": after}


@router.get("events/checkpoint", response=Checkpoint)
@operation(Permission.ACTIVITY_READ)
def read_checkpoint(request: HttpRequest) -> dict[str, str]:
    """The newest signed head of this workspace's log, to keep outside and compare."""
    return {"note": selectors.newest_note(scope=request_scope(request))}


@router.get("events/{uuid:event_id}", response=EventOut)
@operation(Permission.ACTIVITY_READ)
def read_event(request: HttpRequest, event_id: UUID) -> dict[str, object]:
    """One event."""
    return _out(selectors.event(scope=request_scope(request), event_id=event_id))
