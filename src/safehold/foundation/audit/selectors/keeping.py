"""For how long a log is kept, what of it was purged, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from safehold.foundation.audit.models import Checkpoint, Event, Hold, Keeping, Leaf
from safehold.foundation.audit.moments import first_id, moment
from safehold.foundation.audit.selectors.activity import may_read
from safehold.foundation.audit.statements import installation
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Scope
from safehold.kernel import auditevent
from safehold.kernel.auditevent import LOGS, PURGED, Purge, origin_of
from safehold.kernel.errors import NotFound

__all__ = [
    "Purged",
    "hold_in_force",
    "holds",
    "keeping",
    "kept_logs",
    "lowest_kept",
    "notes_before",
    "purges",
]


@dataclass(frozen=True, slots=True)
class Purged:
    """A purge that a log tells of; `index` is the record's own place, None while it waits for one."""

    said: Purge
    at: datetime
    index: int | None

    @property
    def before(self) -> datetime:
        """All that went is older than this."""
        return moment(self.said.before)


def keeping(*, scope: Scope) -> Keeping | None:
    """For how long the scope's log is kept; None where nobody has said so, and nothing goes."""
    return Keeping.objects.filter(tenant_id=scope.log_id).first()


def purges(*, scope: Scope, log: UUID | None = None, since: datetime | None = None) -> list[Purged]:
    """The purges that a log tells of itself, the newest first; `since` a moment looks into fewer parts."""
    log = log or scope.log_id
    if log == LOGS:
        return []
    origin = origin_of(installation().id, log)
    asked = Event.objects.filter(tenant_id=log, type=PURGED, target=origin)
    if since is not None:
        asked = asked.filter(id__gte=first_id(since), id__lt=first_id(clock.now() + timedelta(days=1)))
    rows = list(asked.order_by("-at", "-id"))
    leaves = Leaf.objects.filter(tenant_id=log, event_id__in=[row.id for row in rows])
    places = {leaf.event_id: leaf.index for leaf in leaves}
    said = [(row, auditevent.purge_of(auditevent.decode(bytes(row.body)))) for row in rows]
    return [Purged(what, row.at, places.get(row.id)) for row, what in said if what]


def lowest_kept(*, scope: Scope, log: UUID | None = None) -> int:
    """The place below which the events of a log may be gone: that of its last purge record with a place."""
    return max((one.said.minimum for one in purges(scope=scope, log=log) if one.index is not None), default=0)


def holds(*, scope: Scope, ended: bool = False) -> list[Hold]:
    """The legal holds on the scope's log, oldest first: those in force, or with `ended` all of them."""
    may_read(scope)
    rows = Hold.objects.filter(tenant_id=scope.log_id).order_by("placed_at", "id")
    if not ended:
        rows = rows.filter(Q(until=None) | Q(until__gt=clock.now()), ended_at=None)
    return list(rows)


def hold_in_force(*, scope: Scope, hold_id: UUID) -> Hold:
    """A hold that isn't ended. Platform scope, which sees those of every log."""
    found: Hold | None = Hold.objects.filter(id=hold_id, ended_at=None).first()
    if found is None:
        raise NotFound("There is no such hold in force.")
    return found


def kept_logs() -> list[UUID]:
    """Every log that is kept for a time, as the open scope may see them: the platform's sees all."""
    return list(Keeping.objects.order_by("tenant_id").values_list("tenant_id", flat=True))


def notes_before(*, scope: Scope, at: datetime, above: int, most: int) -> list[str]:
    """The largest signed heads of the scope's log from before a moment that hold more than `above` events, and no event
    that is on hold; the largest first.
    """
    rows = Checkpoint.objects.filter(tenant_id=scope.log_id, at__lt=at, size__gt=above)
    if (held := _held_from(scope)) is not None:
        rows = rows.filter(size__lte=held)
    return [bytes(note).decode() for note in rows.order_by("-size").values_list("note", flat=True)[:most]]


def _held_from(scope: Scope) -> int | None:
    """The first place that a hold in force keeps; None where nothing is held."""
    first: list[int] = []
    for hold in holds(scope=scope):
        if not hold.subject:
            return 0
        for column in ("target", "actor"):
            rows = Event.objects.filter(tenant_id=scope.log_id, **{column: hold.subject})
            ids = list(rows.order_by("at", "id").values_list("id", flat=True)[:1])
            first += Leaf.objects.filter(tenant_id=scope.log_id, event_id__in=ids).values_list("index", flat=True)
    return min(first, default=None)
