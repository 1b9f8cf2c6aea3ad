"""Heads of logs, their checkpoints, places of events, and how far sealing is behind."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from safehold.foundation.audit.conf import ALARM_SECONDS
from safehold.foundation.audit.events import VERIFIED
from safehold.foundation.audit.models import Checkpoint, Event, Head, Leaf, SealerState
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import auditevent
from safehold.kernel.auditevent import LOGS
from safehold.kernel.errors import NotFound, Unavailable

__all__ = [
    "Sealing",
    "grown_beyond",
    "head",
    "heads",
    "logs_events",
    "newest_note",
    "notes",
    "place_of",
    "receipt_of",
    "sealing",
    "signed_sizes",
    "verified_point",
    "wait_sealed",
    "without_place",
]


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the sealer fares. `behind` is how many seconds an event may have waited for its place."""

    behind: float
    troubled: Sequence[str]

    @property
    def alarm(self) -> bool:
        """Whether somebody has to look."""
        return self.behind > ALARM_SECONDS or bool(self.troubled)


def sealing() -> Sealing:
    """How far sealing is behind, in any open transaction, and the logs of this scope that can't be signed.

    An event that still waits tells by its age. A sealer that doesn't report tells nothing of what waits, so its silence
    counts as waiting.
    """
    state = SealerState.objects.first()
    if state is None:
        return Sealing(0.0, ())
    now = clock.now()
    silent = (now - state.at).total_seconds()
    waiting = (now - state.waiting_since).total_seconds() if state.waiting_since else 0.0
    troubled = Head.objects.exclude(trouble="").values_list("origin", "trouble")
    behind = max(waiting, silent if silent > ALARM_SECONDS / 2 else 0.0)
    return Sealing(behind, tuple(f"{origin}: {trouble}" for origin, trouble in troubled))


def head(*, scope: Scope, log: UUID | None = None) -> Head | None:
    """How far the scope's log (or another that it may see) is sealed; None before its first event is."""
    return Head.objects.filter(tenant_id=log or scope.log_id).first()


def heads() -> list[Head]:
    """The heads of all logs that the open scope may see: the platform's sees all."""
    return list(Head.objects.order_by("origin"))


def signed_sizes(*, scope: Scope, log: UUID | None = None) -> list[tuple[int, datetime]]:
    """Size and time of every signed head that is kept of the scope's log, or of another it may see; oldest first."""
    rows = Checkpoint.objects.filter(tenant_id=log or scope.log_id).order_by("size")
    return list(rows.values_list("size", "at"))


def notes(*, scope: Scope, sizes: Collection[int], log: UUID | None = None) -> list[str]:
    """The signed notes of these sizes, in order."""
    rows = Checkpoint.objects.filter(tenant_id=log or scope.log_id, size__in=sizes).order_by("size")
    return [bytes(note).decode() for note in rows.values_list("note", flat=True)]


def newest_note(*, scope: Scope, log: UUID | None = None) -> str:
    """The newest signed head of the scope's log, or of another that it may see; `Unavailable` until there is one."""
    found = head(scope=scope, log=log)
    if found is None or found.note is None:
        raise Unavailable("No head of this log is signed yet.", hint="Is the sealer running? It signs within seconds.")
    return bytes(found.note).decode()


def logs_events(origin: str, limit: int = 5) -> list[tuple[int, bytes]]:
    """What the log of logs said last about a log, newest first: place and event bytes."""
    said = Event.objects.filter(tenant_id=LOGS, place=0, target=origin).order_by("-at", "-id")
    rows = {row.id: row for row in said[:limit]}
    leaves = Leaf.objects.filter(tenant_id=LOGS, event_id__in=list(rows)).order_by("-index")
    return [(leaf.index, bytes(rows[leaf.event_id].body)) for leaf in leaves]


def verified_point(*, scope: Scope, origin: str) -> tuple[int, bytes, bytes] | None:
    """Size, root and chain up to which a log was last verified in full, as the scope's own log remembers it."""
    rows = Event.objects.filter(tenant_id=scope.log_id, type=VERIFIED.name, target=origin).order_by("-at", "-id")
    row = rows.first()
    if row is None:
        return None
    said = auditevent.decode(bytes(row.body)).fields
    return int(str(said["size"])), bytes.fromhex(str(said["root"])), bytes.fromhex(str(said["chain"]))


def without_place(*, log: UUID, before: datetime) -> int:
    """How many events of a log that were written before a moment have no place in it."""
    leaves = Leaf.objects.filter(tenant_id=log, event_id=OuterRef("id"))
    return Event.objects.filter(~Exists(leaves), tenant_id=log, at__lt=before).count()


def place_of(*, scope: Scope, event_id: UUID) -> Leaf:
    """The place of an event of the scope's log; `NotFound` while it waits for one, or where there is no such event."""
    leaf: Leaf | None = Leaf.objects.filter(tenant_id=scope.log_id, event_id=event_id).first()
    if leaf is None:
        raise NotFound("There is no such sealed event.")
    return leaf


def grown_beyond(log: OuterRef, index: OuterRef) -> QuerySet[Head]:
    """For another query to ask with: the head of a log that reaches beyond a place; the platform's scope sees all."""
    return Head.objects.filter(tenant_id=log, size__gt=index)


def receipt_of(*, scope: Scope, event_id: UUID) -> tuple[int, int] | None:
    """The place of an event of the scope's log and the size of the signed head over it; None until there is one."""
    leaf: Leaf | None = Leaf.objects.filter(tenant_id=scope.log_id, event_id=event_id).first()
    found = head(scope=scope) if leaf else None
    if leaf is None or found is None or found.note is None or found.checked_size <= leaf.index:
        return None
    return leaf.index, found.checked_size


def wait_sealed(*, scope: Scope, event_id: UUID, timeout: float = 10.0) -> Leaf:
    """Wait until a committed event has its place, and return it; `Unavailable` when that takes too long.

    Call it outside the transaction that wrote the event: until that one commits, nothing can be sealed.
    """
    deadline = time.monotonic() + timeout
    while True:
        with scoped(scope):
            leaf: Leaf | None = Leaf.objects.filter(tenant_id=scope.log_id, event_id=event_id).first()
        if leaf is not None:
            return leaf
        if time.monotonic() >= deadline:
            raise Unavailable("The event is stored, but it has no place in the log yet.", hint="Ask again later.")
        time.sleep(0.05)
