"""Purging what is older than its log's plan says, in two steps that are a while apart (specs/audit-log.md, section 12).

First each log with events whose time is over tells of the purge, in itself and in the platform's log. Once that record
is sealed, under a signed head and anchored outside the database, the months are dropped: by a function of the database
that looks at plan, record and holds itself and removes nothing that they don't cover (sql/guard.sql).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from safehold.foundation.audit import anchors, conf, flows, selectors
from safehold.foundation.audit.events import PURGED
from safehold.foundation.audit.moments import micros
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import Connection, connect, installation, statement
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import Purge, origin_of
from safehold.kernel.checkpoint import open_checkpoint
from safehold.kernel.errors import Tampered, Unavailable
from safehold.kernel.ids import PLATFORM
from safehold.kernel.verifier import SKEW

__all__ = ["Dropped", "Month", "drop_months", "due", "horizon", "record_due"]


def horizon(now: datetime, years: int) -> datetime:
    """The first moment of the month in which the plan's period began: what is older is over, a month at a time."""
    return datetime(now.year - max(years, conf.FLOOR_YEARS), now.month, 1, tzinfo=UTC)


def due(*, scope: Scope, now: datetime) -> Purge | None:
    """What the scope's log has to purge that it hasn't told of yet; None where nothing is over."""
    said = selectors.keeping(scope=scope)
    if said is None:
        return None
    over = horizon(now, said.years)
    known = max((one.said.minimum for one in selectors.purges(scope=scope)), default=0)
    for note in selectors.notes_before(scope=scope, at=over, above=known, most=2):
        head = open_checkpoint(note, published_keys(installation()), origin_of(installation().id, scope.log_id))
        if head.time + SKEW < micros(over):  # so that all below it is older, whatever the clocks say
            years = f"{said.years} year" + ("s" if said.years != 1 else "")
            return Purge(head.size, head.root, head.chain, micros(over), f"{said.plan}: {years}")
    return None


def record_due(*, log: UUID, now: datetime) -> Purge | None:
    """Have a log tell of what it is going to purge, in itself and in the platform's, both or neither."""
    platform = scope_of_log(PLATFORM, "retention")
    with scoped(platform):
        with scoped(scope_of_log(log, "retention")) as scope:
            what = due(scope=scope, now=now)
            if what is None:
                return None
            _tell(scope, log, what)
        if log != PLATFORM:
            _tell(platform, log, what)
    return what


def _tell(scope: Scope, log: UUID, what: Purge) -> None:
    fields = {
        "before": what.before,
        "chain": what.chain.hex(),
        "minimum": what.minimum,
        "root": what.root.hex(),
        "rule": what.rule,
    }
    flows.record(scope, PURGED, on=origin_of(installation().id, log), fields=fields)


@dataclass(frozen=True, slots=True)
class Month:
    """A part of the table of events: a class and a month whose time may be over."""

    years: int
    month: datetime


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of a month: how many events went, and how many had to stay."""

    part: Month
    gone: int
    stayed: int


def drop_months(*, now: datetime) -> list[Dropped]:
    """Drop what is told of, sealed, signed and anchored, from every month that is over. As the sealer's login."""
    try:
        session = connect("sealer")
    except FileNotFoundError:
        hint = "Run it where the sealer runs: dropping months needs the sealer's login."
        raise Unavailable("The sealer's login isn't on this machine.", hint=hint) from None
    with session:
        session.autocommit = True
        ready = anchored_logs(session)
        found = [_drop(session, part, ready) for part in _months(session, now)] if ready else []
    return [one for one in found if one is not None and (one.gone or not one.stayed)]


def anchored_logs(session: Connection) -> list[UUID]:
    """The logs whose last purge record lies under a signed head that is kept outside the database."""
    place, found = installation(), []
    for log, index, minimum in session.execute(statement("retention", "records")).fetchall():
        note = anchors.read(place.anchors, log)
        try:
            head = open_checkpoint(note or "", published_keys(place), origin_of(place.id, log))
        except Tampered:
            continue
        if head.size > index >= minimum:
            found.append(log)
    return found


def _months(session: Connection, now: datetime) -> Iterable[Month]:
    """The parts to look into: those whose class is over, and those with events of logs that have a smaller plan now."""
    rows = session.execute(statement("retention", "months"), {"floor": horizon(now, conf.FLOOR_YEARS)}).fetchall()
    for years, month, end in rows:
        over = end <= horizon(now, years)
        if (
            over
            or session.execute(
                statement("retention", "lessened"), {"class": years, "start": month, "end": end}
            ).fetchone()
        ):
            yield Month(years, month)


def _drop(session: Connection, part: Month, ready: list[UUID]) -> Dropped | None:
    values = {"class": part.years, "month": part.month, "logs": ready}
    try:
        row = session.execute(statement("retention", "drop"), values).fetchone()
    except (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName):
        hint = "Only a superuser can make the function that drops months: give Safehold one, and start it again."
        raise Unavailable(
            "This database's administrator is no superuser, so nothing can be purged.", hint=hint
        ) from None
    except psycopg.errors.LockNotAvailable:
        return None  # the month is being read; the next run comes back to it
    return Dropped(part, row[0], row[1]) if row else None
