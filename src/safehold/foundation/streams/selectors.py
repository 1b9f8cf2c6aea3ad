"""Which streams there are, how far each is behind, and which have something to send."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import selectors as audit
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.streams.models import Stream
from safehold.foundation.tenancy.selectors import require_platform
from safehold.kernel.errors import NotFound

__all__ = ["StreamView", "due", "own", "require", "stream", "streams"]


@dataclass(frozen=True, slots=True)
class StreamView:
    """A stream as people see it; `behind` is how many sealed events it hasn't sent yet."""

    row: Stream
    behind: int


def require(scope: Scope) -> None:
    """Raise `Denied` unless the scope may set up streams of its log: the platform of its own."""
    if scope.kind is not Kind.PLATFORM:
        scope.require(Permission.STREAMS_MANAGE)


def own(scope: Scope) -> QuerySet[Stream]:
    """The streams of the scope's own log, for flows."""
    require(scope)
    return Stream.objects.filter(tenant_id=scope.log_id)


def streams(scope: Scope) -> list[StreamView]:
    """The streams of the scope's log, those that have ended last."""
    rows = own(scope).order_by("ended_at", "created_at")
    head = audit.head(scope=scope)
    size = head.size if head else 0
    return [StreamView(row, 0 if row.ended_at else max(size - row.next_index, 0)) for row in rows]


def stream(scope: Scope, stream_id: UUID) -> Stream:
    """One of them."""
    row = own(scope).filter(id=stream_id).first()
    if row is None:
        raise NotFound("There is no such stream.")
    return row


def due(scope: Scope, limit: int = 200) -> list[tuple[UUID, UUID]]:
    """Streams of all logs that have something to send and may try it now, the longest due first: log and id."""
    require_platform(scope)
    moment = now()
    longer = audit.grown_beyond(OuterRef("tenant_id"), OuterRef("next_index"))
    free = Q(claimed_until=None) | Q(claimed_until__lt=moment)
    rows = Stream.objects.filter(free, Exists(longer), ended_at=None, paused_at=None, due_at__lte=moment)
    return list(rows.order_by("due_at").values_list("tenant_id", "id")[:limit])
