"""The API's face of anchors: who outside holds heads of the log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from safehold.foundation.access.api import operation
from safehold.foundation.access.matrix import Permission
from safehold.foundation.anchors import flows, selectors
from safehold.foundation.scope.request import request_scope

__all__ = ["router"]

router = Router()


class Anchor(Schema):
    """Who holds heads of the log; `platform` where it holds those of all logs. `trouble` is empty while all is well."""

    id: UUID
    kind: str
    where: str
    platform: bool
    events: int
    held_at: datetime | None
    trouble: str


class Anchors(Schema):
    """Everybody who holds heads, and from when on nobody outside could contradict a rewriting. Null: nobody does."""

    since: datetime | None
    said: str
    items: list[Anchor]


class NewAnchor(Schema):
    """An address: https://… for a webhook, or that of a mailbox."""

    where: str


class Added(Schema):
    """A new holder. A webhook's messages are signed with `secret`, which is shown this once."""

    id: UUID
    secret: str


@router.get("anchors", response=Anchors, tags=["Anchors"])
@operation(Permission.SETTINGS_MANAGE)
def list_anchors(request: HttpRequest) -> Anchors:
    """Who holds heads of the log, and how far back it could be rewritten unseen."""
    scope = request_scope(request)
    window = selectors.window(scope)
    items = [
        Anchor(
            id=one.row.id,
            kind=one.row.kind,
            where=one.where,
            platform=one.is_platforms,
            events=one.row.size,
            held_at=one.row.held_at,
            trouble=one.row.contradiction or one.row.trouble,
        )
        for one in selectors.holders(scope)
    ]
    return Anchors(since=window.since, said=window.sentence, items=items)


@router.post("anchors", response={201: Added}, tags=["Anchors"])
@operation(Permission.SETTINGS_MANAGE)
def add_anchor(request: HttpRequest, body: NewAnchor) -> Status[Added]:
    """Give heads of the log to a webhook each hour, or to a mailbox each day."""
    made = flows.add_place(scope=request_scope(request), where=body.where)
    return Status(201, Added(id=made.id, secret=made.secret))


@router.delete("anchors/{uuid:place_id}", response={204: None}, tags=["Anchors"])
@operation(Permission.SETTINGS_MANAGE)
def end_anchor(request: HttpRequest, place_id: UUID) -> Status[None]:
    """Give it no more heads. What it holds still counts."""
    flows.end_place(scope=request_scope(request), place_id=place_id)
    return Status(204, None)
