"""Writing events. What acts records its event in the same transaction: both stay, or neither does.

`record` and `record_many` write in the open transaction; `record_apart` in one of its own, for what has to stay when
the acting transaction is rolled back: a refusal, a failed sign-in, an error.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import conf
from safehold.foundation.audit.errors import EventMisuseError
from safehold.foundation.audit.events import DENIED, EXPORTED, FAILED
from safehold.foundation.audit.export import Period, pieces, plan
from safehold.foundation.audit.inserting import insert_event
from safehold.foundation.audit.models import Keeping
from safehold.foundation.audit.moments import micros
from safehold.foundation.audit.personal import commit, person, seal_personal
from safehold.foundation.audit.receipts import tell_written
from safehold.foundation.audit.registry import check_use
from safehold.foundation.audit.statements import installation, statement
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import run_apart, scoped
from safehold.kernel.auditevent import FROM, Event, origin_of
from safehold.kernel.auditfile import SUFFIX
from safehold.kernel.errors import Denied, Invalid, Problem
from safehold.kernel.event import EventType

__all__ = [
    "Entry",
    "Export",
    "Plain",
    "export_log",
    "keep_log",
    "record",
    "record_apart",
    "record_failure",
    "record_many",
    "record_refusal",
]

log = logging.getLogger(__name__)

Plain = Mapping[str, Any]
"""Plain values of an event: text, whole numbers, booleans, None. The canonical form refuses anything else."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event says, apart from who acted: on what, with which plain and which personal values.

    `about` names whom the personal values are about ("member:<id>"), where that isn't what was acted on.
    """

    on: str = ""
    fields: Plain = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    about: str = ""


def record(
    scope: Scope,
    event_type: EventType,
    *,
    on: str = "",
    fields: Plain | None = None,
    personal: Mapping[str, str] | None = None,
    about: str = "",
) -> UUID:
    """Write one event in the open transaction; returns its id.

    Raises EventMisuseError unless the type is registered and gets exactly the fields it declares, and where nobody is
    named whom the personal values are about.
    """
    return record_many(scope, event_type, [Entry(on, fields or {}, personal or {}, about)])[0]


def record_apart(
    scope: Scope,
    event_type: EventType,
    *,
    on: str = "",
    fields: Plain | None = None,
    personal: Mapping[str, str] | None = None,
    about: str = "",
) -> UUID:
    """`record`, in a transaction of its own that stays whatever becomes of the open one."""
    return run_apart(scope, record, scope, event_type, on=on, fields=fields, personal=personal, about=about)


def record_refusal(scope: Scope, refused: Denied, *, route: str) -> UUID:
    """Leave a trace of a refusal: what was asked for is rolled back, that it was asked for is not."""
    return record_apart(scope, DENIED, fields={"permission": refused.permission or "another right", "route": route})


def record_failure(scope: Scope, error: BaseException, *, route: str, reference: str) -> None:
    """Leave a trace of an error that nobody foresaw, in the platform's log: whoever runs the installation mends it.

    What the error says stays out of it; the log lines with this reference have the rest. Where no event can be written,
    those lines have to do.
    """
    platform = Scope(Kind.PLATFORM, actor=scope.actor, address=scope.address)
    fields = {"kind": type(error).__name__, "route": route, "reference": reference}
    on = f"tenant:{scope.tenant_id}" if scope.tenant_id else ""
    try:
        record_apart(platform, FAILED, on=on, fields=fields)
    except Exception:
        log.exception("an error of the system left no event")


def record_many(scope: Scope, event_type: EventType, entries: Sequence[Entry]) -> list[UUID]:
    """`record` for many events of one type in one statement; returns their ids, in order.

    A guest's transaction may write nothing: their events are written in the tenant's scope, for this one statement.
    """
    if scope.kind is Kind.GUEST:
        inside = replace(scope, kind=Kind.TENANT, role=None)
        with scoped(inside):
            return record_many(inside, event_type, entries)
    now = clock.now()
    origin = origin_of(installation().id, scope.log_id)
    rows = [_Row.make(scope, origin, event_type, entry, now) for entry in entries]
    with_values = [(row.event.id, row.by_subject) for row in rows if row.by_subject]
    sealed = dict(zip((event_id for event_id, _ in with_values), seal_personal(scope.log_id, with_values), strict=True))
    values = [row.columns(scope.log_id, now, sealed.get(row.event.id)) for row in rows]
    if len(values) == 1:
        insert_event(values[0])
    elif values:
        with connection.cursor() as cursor:
            cursor.execute(statement("record", "record_many"), [list(column) for column in zip(*values, strict=True)])
    ids = [row.event.id for row in rows]
    tell_written(ids)
    return ids


@dataclass(frozen=True, slots=True)
class Export:
    """An export that is ready to be read, inside the transaction that made it."""

    name: str
    events: int
    pieces: Iterator[bytes]


def export_log(*, scope: Scope, period: Period | None = None, openings: bool = False) -> Export:
    """Export the scope's log, or a period of it, as one file that proves itself; the export is itself recorded.

    `openings` discloses the personal values too. What is exported ends with the newest signed head, so the event about
    this export is in the next one.
    """
    if scope.kind is not Kind.PLATFORM:
        scope.require(Permission.ACTIVITY_EXPORT)
    made = plan(scope=scope, period=period)
    what = made.description
    fields = {"first": what.first, "end": what.end, "size": what.size, "openings": openings}
    record(scope, EXPORTED, fields=fields)
    name = what.log.rpartition("/")[2]
    return Export(f"{name}-{what.first}-{what.end}{SUFFIX}", made.count, pieces(made, openings=openings))


def keep_log(*, scope: Scope, log: UUID, years: int, plan: str) -> None:
    """Say for how many years a log is kept from now on, what is in it already included. Platform scope."""
    if scope.kind is not Kind.PLATFORM:
        raise Denied("Only the platform says how long a log is kept.")
    if years < conf.FLOOR_YEARS:
        problem = Problem("years", f"at least {conf.FLOOR_YEARS}", str(years))
        raise Invalid("No log is kept shorter than a year.", problems=(problem,), hint="Change access/plans.py.")
    said = Keeping.objects.filter(tenant_id=log).first()
    if said is None:
        Keeping(tenant_id=log, years=years, plan=plan).save(force_insert=True)
    elif (said.years, said.plan) != (years, plan):
        said.years, said.plan = years, plan
        said.save(force_update=True)


@dataclass(frozen=True, slots=True)
class _Row:
    """An event on its way into the table."""

    event: Event
    by_subject: Mapping[str, bytes]

    @classmethod
    def make(cls, scope: Scope, origin: str, event_type: EventType, entry: Entry, now: datetime) -> _Row:
        check_use(event_type, entry.fields, entry.personal)
        event_id = clock.new_id()
        personal, subjects = _personal(scope, event_type, entry)
        commitments, by_subject = commit(event_id, personal, subjects) if personal else ({}, {})
        event = Event(
            id=event_id,
            log=origin,
            at=micros(now),
            type=event_type.name,
            actor=scope.actor,
            on=entry.on,
            fields=entry.fields,
            personal=commitments,
        )
        return cls(event, by_subject)

    def columns(self, log: UUID, now: datetime, sealed: bytes | None) -> tuple[Any, ...]:
        event = self.event
        return log, event.id, now, event.type, event.actor, event.on, event.encode(), sealed


def _personal(scope: Scope, event_type: EventType, entry: Entry) -> tuple[dict[str, str], dict[str, str]]:
    """The personal values of an event, and whose each is: the address belongs to whoever acted."""
    personal = dict(entry.personal)
    subject = person(entry.about or entry.on)
    if personal and not subject:
        raise EventMisuseError(f"event type {event_type.name}: say whom its personal values are about")
    subjects = dict.fromkeys(personal, subject)
    if scope.address:
        personal[FROM], subjects[FROM] = scope.address, person(scope.actor)
    return personal, subjects
