"""ISO-1: no tenant reaches another's background jobs. Tried on the canaries, as the app role; everything is undone."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import DatabaseError, transaction
from psycopg import sql
from psycopg.types.json import Jsonb

from safehold.foundation.jobs import flows, selectors
from safehold.foundation.jobs.tasks import registered
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.probes import REFUSED, ask, canary, expect_refusal, undone
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["queue_is_closed"]

_PACKAGE = "safehold.foundation.jobs"
_ROWS = {
    "count": "SELECT count(*) FROM {}",
    "change": "UPDATE {0} SET {1} = {1}",
    "delete": "DELETE FROM {}",
    "add": "INSERT INTO {} DEFAULT VALUES",
}


def queue_is_closed(probe: ProbeContext) -> Finding:
    """One canary queues a job; the other asks for it, with SQL of its own and by the doors."""
    task, names = min(registered().items())
    account = new_id()  # the same in both, as one person's may be
    mine, theirs = (replace(canary(tenant), account_id=account) for tenant in (probe.left, probe.right))
    ids = {name: new_id() for name in names}
    with undone(theirs):
        flows.queue_job(scope=theirs, task=task, **ids)
        if not _waits(theirs, ids):
            return broken("A job that was queued isn't in its tenant's list.", task=task)
        with scoped(mine):
            through = [what for what, statement in _statements() if not _refused(statement)]
            through += [what for what, statement in _at_the_door(task, names, probe.right) if not _refused(statement)]
            if _waits(mine, ids):
                through.append("read another tenant's job")
            flows.end_jobs(scope=mine, account=account)
            attempts = len(_statements()) + len(_at_the_door(task, names, probe.right)) + 2
        if not _waits(theirs, ids):
            through.append("end another tenant's job")
    if through:
        return broken(f"{len(through)} attempts at the queue of jobs got through.", through=through, attempts=attempts)
    return kept(f"All {attempts} attempts at another tenant's background jobs came to nothing.", attempts=attempts)


def _waits(scope: Scope, ids: dict[str, UUID]) -> bool:
    return any(job.ids == ids for job in selectors.jobs(scope))


def _statements() -> list[tuple[str, sql.Composable]]:
    """Every way to use the library's tables, counters and functions."""
    parts = sql_parts(_PACKAGE, "probes.sql")
    found: list[tuple[str, sql.Composable]] = []
    for name, kind, column in ask(sql.SQL(parts["relations"]).format()):
        if kind == "S":
            found.append((f"read {name}", sql.SQL("SELECT last_value FROM {}").format(sql.SQL(name))))
            continue
        for what, text in _ROWS.items():
            found.append((f"{what} rows of {name}", sql.SQL(text).format(sql.SQL(name), sql.SQL(column))))
    for (call,) in ask(sql.SQL(parts["functions"]).format()):
        found.append((f"call {call}", sql.SQL("SELECT count(*) FROM {}").format(sql.SQL(call))))
    return found


def _at_the_door(task: str, names: tuple[str, ...], other: UUID) -> list[tuple[str, sql.Composable]]:
    """Jobs that nobody may queue: another tenant's, by argument or among the ids, and of a task that isn't declared."""
    ids = {name: str(new_id()) for name in names}
    own = sql.SQL("safehold.scope_tenant()")
    door = sql.SQL("SELECT safehold.job_queue({}, {}, {})")
    return [
        ("queue a job for another tenant", door.format(task, other, Jsonb(ids))),
        ("name another tenant among a job's ids", door.format(task, own, Jsonb(ids | {"tenant": str(other)}))),
        ("queue a task that isn't declared", door.format("builtin:undeclared", own, Jsonb(ids))),
    ]


def _refused(statement: sql.Composable) -> bool:
    """Whether the database refuses a statement for want of a right; what it did otherwise is undone."""
    try:
        with transaction.atomic():
            expect_refusal()
            ask(sql.Composed([statement]))
            transaction.set_rollback(True)
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", "") == REFUSED
    return False
