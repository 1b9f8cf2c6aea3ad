"""Logs with a past: events and signed heads dated years back, as a superuser makes them who has the sealer's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from safehold.foundation.audit import flows
from safehold.foundation.audit.events import DENIED
from safehold.foundation.audit.moments import micros
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.sealer import Sealer
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import Event, origin_of
from safehold.kernel.checkpoint import Checkpoint
from safehold.kernel.ids import IdMaker
from safehold.kernel.merkle import Frontier
from support import tampering

Connection = psycopg.Connection[Any]
_FIELDS = {"permission": "p", "route": "GET /r"}
_maker = IdMaker()


def months_ago(count: int, day: int = 15) -> datetime:
    """A day of the month that many months before this one."""
    now = datetime.now(UTC)
    index = now.year * 12 + now.month - 1 - count
    return datetime(index // 12, index % 12 + 1, day, 12, tzinfo=UTC)


def make_months(superuser: Connection, since: datetime) -> None:
    """Parts from a month on, made with the guard awake, so that it knows them."""
    with superuser.transaction():
        superuser.execute("set local session_replication_role = origin")
        superuser.execute("select safehold.make_months('audit_event', %s)", [since.date()])


def new_log(superuser: Connection, years: int, plan: str = "starter") -> UUID:
    """The id of a log without events that is kept for so many years."""
    log = _maker.make(int(datetime.now(UTC).timestamp() * 1000))
    superuser.execute("insert into audit_keeping values (%s, %s, %s)", [log, years, plan])
    return log


def add(superuser: Connection, sealer: Sealer, log: UUID, moments: Iterable[datetime], place: int | None = None) -> int:
    """Events of these moments, each sealed and under a signed head of a minute later; returns the log's size."""
    (years,) = superuser.execute("select years from audit_keeping where tenant_id = %s", [log]).fetchone()
    size = 0
    for at in moments:
        make_months(superuser, at)
        event = Event(
            id=UUID(int=(int(at.timestamp() * 1000) << 80) | (_maker.make(1).int & (2**80 - 1))),
            log=origin_of(sealer.place.id, log),
            at=micros(at),
            type=DENIED.name,
            actor="system:test",
            on="record:old",
            fields=_FIELDS,
        )
        superuser.execute(
            "insert into audit_event (tenant_id, id, at, type, actor, target, body, class)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [log, event.id, at, event.type, event.actor, event.on, event.encode(), place or years],
        )
        sealer._first = True
        while sealer.seal():
            pass
        size = sign(superuser, sealer, log, at + timedelta(minutes=1))
    return size


def settle(superuser: Connection, sealer: Sealer, log: UUID) -> None:
    """Seal what waits, sign and anchor heads, keep this log's: all but telling the log of logs, which never forgets."""
    sealer._first = True
    while sealer.seal():
        pass
    sealer.sign(tell=1e10)
    sign(superuser, sealer, log, datetime.now(UTC))


def sign(superuser: Connection, sealer: Sealer, log: UUID, at: datetime) -> int:
    """Keep a head of the log as it is now, signed as of a moment."""
    origin, size, chain, frontier = superuser.execute(
        "select origin, size, chain, frontier from audit_log where tenant_id = %s", [log]
    ).fetchone()
    root = Frontier.from_bytes(bytes(frontier)).root()
    note = Checkpoint(origin, size, root, bytes(chain), micros(at)).sign(sealer.key)
    superuser.execute(
        "insert into audit_checkpoint values (%s, %s, %s, %s, %s) on conflict do nothing",
        [log, size, at, root, note.encode()],
    )
    return size


def write(log: UUID, count: int = 1) -> None:
    """Events of this moment, written as everybody does."""
    scope = scope_of_log(log, "test")
    with scoped(scope):
        flows.record_many(scope, DENIED, [flows.Entry(fields=_FIELDS)] * count)


def events(superuser: Connection, log: UUID) -> list[int]:
    """The places of the events that are there."""
    rows = superuser.execute(
        "select l.index from audit_leaf l join audit_event e on e.tenant_id = l.tenant_id and e.id = l.event_id"
        " where l.tenant_id = %s order by 1",
        [log],
    ).fetchall()
    return [row[0] for row in rows]


def parts(superuser: Connection, log: UUID) -> dict[int, str]:
    """In which part each event lies, by its place."""
    rows = superuser.execute(
        "select l.index, e.tableoid::regclass::text from audit_leaf l"
        " join audit_event e on e.tenant_id = l.tenant_id and e.id = l.event_id where l.tenant_id = %s",
        [log],
    ).fetchall()
    return dict(rows)


@contextmanager
def gone_afterwards(superuser: Connection, installation: Any, *logs: UUID) -> Iterator[None]:
    """Removes logs that a test made, so that no other test's checks come upon them."""
    try:
        yield
    finally:
        for log in logs:
            tampering.remove_log(superuser, log)
            superuser.execute("delete from audit_keeping where tenant_id = %s", [log])
            superuser.execute("delete from audit_hold where tenant_id = %s", [log])
            (installation.anchors / f"{log}.checkpoint").unlink(missing_ok=True)
