"""Who holds heads of a log, how new theirs are, and which are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from safehold.foundation.access.matrix import Permission
from safehold.foundation.anchors.conf import EVERY_SECONDS, LONGEST_PAUSE, Kind
from safehold.foundation.anchors.models import Place, Receipt
from safehold.foundation.audit import selectors as audit
from safehold.foundation.audit.conf import TELL_SECONDS
from safehold.foundation.egress import selectors as egress
from safehold.foundation.objects.installed import current_store
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind as ScopeKind, Scope
from safehold.kernel.auditevent import LOGS
from safehold.kernel.errors import NotFound
from safehold.kernel.ids import PLATFORM

__all__ = [
    "Holder",
    "Window",
    "cosigned_note",
    "due",
    "everywhere",
    "holders",
    "log_held",
    "newest_receipt",
    "place",
    "places",
    "receipts",
    "window",
]


@dataclass(frozen=True, slots=True)
class Window:
    """From when on nobody outside could contradict a rewriting of a log.

    `since` is when the newest head that somebody else holds was given to them; None where nobody holds one. `outside`
    says who holds heads at all. A file beside the database holds a newer one, which whoever has the machine has too.
    """

    since: datetime | None
    outside: Sequence[str]
    contradicted: Sequence[str] = ()

    @property
    def seconds(self) -> int | None:
        """How long the window is now."""
        return None if self.since is None else max(0, int((now() - self.since).total_seconds()))

    @property
    def sentence(self) -> str:
        """The same for people, plainly."""
        if self.contradicted:
            return f"Somebody outside holds a head that contradicts this log: {self.contradicted[0]}"
        if self.seconds is None:
            return (
                "Nobody outside holds a head of this log yet: whoever holds this machine, its database and its signing "
                "key could rewrite it unseen."
            )
        return (
            f"Whoever holds this machine, its database and its signing key could rewrite at most the last "
            f"{_span(self.seconds)} unseen: what is older is held by {' and '.join(self.outside)}."
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds heads. `where` is the host, where it is the scope's own to know; `is_platforms` that it holds
    those of all logs, and is the platform's to end.
    """

    row: Place
    where: str
    is_platforms: bool

    @property
    def words(self) -> str:
        """What it is, for people."""
        return Kind(self.row.kind).words

    @property
    def state(self) -> str:
        """How it stands, as pages show it."""
        if self.row.contradiction:
            return "broken"
        return "failing" if self.row.failures else "active" if self.row.held_at else "waiting"


def _span(seconds: int) -> str:
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 2 * size or size == 1:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return ""


def log_held(scope: Scope) -> UUID:
    """The log whose heads a scope's places are given: a tenant's own, or, for the platform, the log of logs."""
    return scope.tenant if scope.kind is ScopeKind.TENANT else LOGS


def places(scope: Scope) -> QuerySet[Place]:
    """Who is given heads of the scope's log now, the oldest first."""
    _may_read(scope)
    return Place.objects.filter(tenant_id=scope.log_id, ended_at=None).order_by("added_at", "id")


def holders(scope: Scope) -> list[Holder]:
    """Everybody who holds heads that stand for the scope's log, its own first, and where they are."""
    _may_read(scope)
    hosts = {row.id: row.host for row in egress.destinations(scope)}
    rows = Place.objects.filter(tenant_id__in={scope.log_id, PLATFORM}, ended_at=None).order_by("added_at", "id")
    found = [
        Holder(row, hosts.get(row.destination_id, "") if row.destination_id else "", row.tenant_id != scope.log_id)
        for row in rows
    ]
    return sorted(found, key=lambda one: one.is_platforms)


def place(scope: Scope, place_id: UUID) -> Place:
    """One of them, ended or not."""
    _may_read(scope)
    row = Place.objects.filter(tenant_id=scope.log_id, id=place_id).first()
    if row is None:
        raise NotFound("There is no such holder of heads.")
    return row


def receipts(scope: Scope, place_id: UUID) -> QuerySet[Receipt]:
    """What a place gave back, the newest first."""
    _may_read(scope)
    return Receipt.objects.filter(tenant_id=scope.log_id, place_id=place_id).order_by("-size")


def newest_receipt(scope: Scope, place_id: UUID) -> Receipt:
    """What a place gave back last."""
    row = receipts(scope, place(scope, place_id).id).first()
    if row is None:
        raise NotFound("It holds no head yet.", hint="The worker gives one within a minute.")
    return row


def window(scope: Scope) -> Window:
    """How far back the scope's log could be rewritten unseen now.

    What the platform's places hold stands for a tenant's log too, as of the last time that the log of logs told of it.
    """
    _may_read(scope)
    rows = Place.objects.filter(tenant_id__in={scope.log_id, PLATFORM}, ended_at=None).order_by("added_at", "id")
    moments, kinds = [], []
    for row in (row for row in rows if _is_outside(row)):
        told = timedelta(seconds=TELL_SECONDS if row.tenant_id != scope.log_id else 0)
        moments.append(row.held_at - told if row.held_at else now())
        kinds.append(Kind(row.kind).words)
    contradicted = [row.contradiction for row in rows if row.contradiction]
    return Window(max(moments, default=None), list(dict.fromkeys(kinds)), contradicted)


def _is_outside(row: Place) -> bool:
    """Whether it holds a head that stands against whoever has this machine: a folder of the machine's own doesn't."""
    return row.held_at is not None and (row.kind != Kind.OBJECT_STORE or current_store().is_elsewhere)


def cosigned_note(scope: Scope) -> str:
    """The newest head of the scope's log that witnesses cosigned, with their lines; the newest signed one without."""
    rows = Receipt.objects.filter(
        tenant_id=scope.log_id, place_id__in=[row.id for row in places(scope) if row.kind == Kind.WITNESS]
    )
    newest = rows.order_by("-size").first()
    if newest is None:
        return audit.newest_note(scope=scope, log=log_held(scope))
    lines = [bytes(row.receipt).decode() for row in rows.filter(size=newest.size, note=newest.note)]
    return bytes(newest.note).decode() + "".join(sorted(lines))


def everywhere() -> QuerySet[Place]:
    """Every place of every log that is still given heads, in the platform's open scope."""
    return Place.objects.filter(ended_at=None).order_by("added_at", "id")


def due() -> list[tuple[UUID, UUID]]:
    """Tenant and id of every place that should be given a head now, in the platform's open scope."""
    moment = now()
    found = everywhere().filter(contradiction="").order_by("tried_at", "id")
    return [(row.tenant_id, row.id) for row in found if _is_due(row, moment)]


def _is_due(row: Place, moment: datetime) -> bool:
    if row.failures and row.tried_at:
        pause = min(60 * 2 ** (row.failures - 1), LONGEST_PAUSE)
        return moment - row.tried_at >= timedelta(seconds=pause)
    every = timedelta(seconds=EVERY_SECONDS[Kind(row.kind)])
    return row.held_at is None or moment - row.held_at >= every


def _may_read(scope: Scope) -> None:
    if scope.kind is not ScopeKind.PLATFORM:
        scope.require(Permission.ACTIVITY_READ)
