"""Live probes: what a statement of one canary reaches of the other's, tried as the app role. Every write is undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.catalogue import declared
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped

__all__ = [
    "REFUSED",
    "Table",
    "Tried",
    "ask",
    "canary",
    "expect_refusal",
    "part",
    "reach",
    "state_of",
    "tenant_tables",
    "undone",
]

log = logging.getLogger(__name__)

REFUSED = "42501"
"""The SQLSTATE of a policy, a grant or a ticket that says no: insufficient_privilege."""

_EVERY_DEPARTMENT = tuple(range(100))


@dataclass(frozen=True, slots=True)
class Table:
    """A table of tenants' rows, and what the app role may do with it. `shared` has rows that every scope sees."""

    name: str
    reads: bool
    inserts: bool
    updates: bool
    deletes: bool
    shared: bool


@dataclass(slots=True)
class Tried:
    """What a probe did: how many attempts, in how many tables rows lay in wait, and what got through."""

    attempts: int = 0
    with_rows: int = 0
    empty: list[str] = field(default_factory=list)
    through: list[str] = field(default_factory=list)


def canary(tenant_id: UUID) -> Scope:
    """A canary's scope with the widest reach there is inside one tenant."""
    return Scope(Kind.TENANT, actor="system:probe", tenant_id=tenant_id, role=Role.OWNER, departments=_EVERY_DEPARTMENT)


def part(name: str, **names: str) -> sql.Composed:
    """A question of probes.sql with names from the catalogue, which come quoted."""
    text = sql_parts("safehold.foundation.scope", "probes.sql")[name]
    return sql.SQL(text).format(**{key: sql.SQL(value) for key, value in names.items()})


def ask(question: sql.Composed, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run a question and give back its rows; for a write, one row with the number of rows written."""
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall() if cursor.description else [(max(cursor.rowcount, 0),)]


def tenant_tables() -> list[Table]:
    """Every table with tenants' rows that the app role can use."""
    shared = {name.rpartition(".")[0] for name in declared().open_policies}
    rows = ask(part("tenant_tables"), {})
    return [Table(row[0], row[1], row[2], row[3], row[4], row[5] in shared) for row in rows]


@contextmanager
def undone(scope: Scope) -> Iterator[None]:
    """A transaction under `scope` that is always rolled back."""
    with scoped(scope):
        yield
        transaction.set_rollback(True)


def expect_refusal() -> None:
    """Until the savepoint or transaction at hand is undone, what fails isn't an error to the server's log."""
    ask(part("expect_refusal"))


def state_of(question: sql.Composed, values: Mapping[str, Any]) -> tuple[str, int]:
    """Try a question within the open transaction and undo it: the SQLSTATE of its failure, or "", and its number.

    The server's log leaves a failure out. One that says neither "refused" nor "constraint" is real and no answer to the
    question: it goes to this process's log instead.
    """
    try:
        with transaction.atomic():
            expect_refusal()
            number = ask(question, values)[0][0]
            ask(part("check_now"))
            transaction.set_rollback(True)
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None) or "unknown"
        if state != REFUSED and not state.startswith("23"):
            log.warning("a probe's statement failed in a way that nobody expects (%s)", state, exc_info=error)
        return state, 0
    return "", int(number)


def reach(left: UUID, right: UUID) -> Tried:
    """Ask, as each canary, for the other's rows in every table: with and without a WHERE, to read and to write."""
    tried = Tried()
    for mine, theirs in ((left, right), (right, left)):
        planted = _planted(theirs)
        with undone(canary(mine)):
            for table in tenant_tables():
                if table.name in planted:
                    tried.with_rows += 1
                else:
                    tried.empty.append(table.name)
                _try_reads(table, mine, theirs, tried)
                _try_writes(table, theirs, tried)
    return tried


def _planted(tenant_id: UUID) -> set[str]:
    """The tables in which a canary has rows of its own."""
    with undone(canary(tenant_id)):
        return {
            table.name
            for table in tenant_tables()
            if table.reads and ask(part("any_of", table=table.name), {"tenant": tenant_id})[0][0]
        }


def _try_reads(table: Table, mine: UUID, theirs: UUID, tried: Tried) -> None:
    if not table.reads:
        return
    questions = {"any_of": theirs} if table.shared else {"any_of": theirs, "any_but": mine}
    for name, tenant in questions.items():
        tried.attempts += 1
        _, number = state_of(part(name, table=table.name), {"tenant": tenant})
        if number:
            tried.through.append(f"read rows of another tenant from {table.name}")


def _try_writes(table: Table, theirs: UUID, tried: Tried) -> None:
    allowed = {"update_of": table.updates and table.reads, "delete_of": table.deletes and table.reads}
    for name in [name for name, may in allowed.items() if may]:
        tried.attempts += 1
        state, number = state_of(part(name, table=table.name), {"tenant": theirs})
        if number or state.startswith("23"):  # a constraint stopped it, so a row had been reached
            tried.through.append(f"{name.removesuffix('_of')} rows of another tenant in {table.name}")
    if table.inserts:
        tried.attempts += 1
        state, _ = state_of(part("insert_of", table=table.name), {"tenant": theirs})
        if state == "" or state.startswith("23"):  # it failed for want of columns, so no policy had said no before
            tried.through.append(f"insert a row for another tenant into {table.name}")
