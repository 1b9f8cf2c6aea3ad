"""AUD-1: nobody can change or remove what is in the log, tried as every role and read from the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
from django.db import DatabaseError, connection, transaction

from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.statements import Connection, connect, statement
from safehold.foundation.scope.migrations_support import sql_text
from safehold.foundation.scope.probes import expect_refusal, part
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["attempts", "changes", "nothing_can_be_changed"]

_REFUSED = {"42501": "no right", "23001": "trigger"}
"""How the database says no: insufficient privilege, or our trigger's or guard's restrict violation."""
_BUSY = "55P03"
"""A table that somebody is at work on isn't waited for: that attempt says nothing, and the catalogue says it all."""


def nothing_can_be_changed(probe: ProbeContext) -> Finding:
    """Try to change rows, tables and triggers of the log as every role, then read triggers, rights and the guard."""
    faults: list[str] = []
    tries = attempts()
    tried = {"app": _as_app(probe, tries, faults)}
    for role in ("sealer", "owner", "backup", "staff", "queue"):
        tried[role] = _as_role(role, tries, faults)
    with connection.cursor() as cursor:
        cursor.execute(statement("probes", "faults"))
        faults += [row[0] for row in cursor.fetchall()]
        if len(tries) > len(changes()):
            cursor.execute(statement("probes", "spoilt"))
            faults += [row[0] for row in cursor.fetchall()]
        cursor.execute(statement("probes", "refusal"))
        row = cursor.fetchone()
    if row is None or row[0].strip() not in sql_text("safehold.foundation.audit", "001_append_only.sql"):
        faults.append("the function behind the triggers isn't the one that was released")
    if faults:
        return broken(f"The log can be changed: {faults[0]}.", faults=faults, tried=tried)
    left_out = [role for role, count in tried.items() if not count]
    return kept(
        f"{sum(tried.values())} attempts to change or remove entries, or what keeps them, as every database role, were "
        "refused.",
        tried=tried,
        tables_guarded_from_their_owner=len(tries) > len(changes()),
        without_login_here=left_out,
    )


def attempts() -> list[str]:
    """Every statement that is tried, one by one: changes of rows, and of tables where there is a guard against it."""
    with connection.cursor() as cursor:
        cursor.execute(statement("probes", "last_part"))
        row = cursor.fetchone()
    if row is None:
        return changes()
    lines = statement("probes", "alterations").splitlines()
    return changes() + [line.format(part=row[0], whole=row[1]) for line in lines if line and not line.startswith("--")]


def changes() -> list[str]:
    """Those of them that change rows."""
    return [line for line in statement("probes", "attempts").splitlines() if line]


def _as_app(probe: ProbeContext, tries: list[str], faults: list[str]) -> int:
    with scoped(scope_of_log(probe.left, "probe")), connection.cursor() as cursor:
        cursor.execute(statement("probes", "hurry"))
        expect_refusal()
        for attempt in tries:
            _expect_refusal("app", attempt, cursor.execute, transaction.atomic, faults)
        transaction.set_rollback(True)
    return len(tries)


def _as_role(role: str, tries: list[str], faults: list[str]) -> int:
    """As a role whose login lies on this machine; 0 where it doesn't."""
    try:
        session = connect(role)
    except FileNotFoundError:
        return 0
    with session:
        session.autocommit = True
        with session.transaction(force_rollback=True):
            session.execute(statement("probes", "hurry"))
            session.execute(part("expect_refusal"))
            for attempt in tries:
                _expect_refusal(role, attempt, session.execute, _savepoint(session), faults)
    return len(tries)


def _savepoint(session: Connection) -> Callable[[], AbstractContextManager[object]]:
    return lambda: session.transaction(force_rollback=True)


def _expect_refusal(
    role: str,
    attempt: str,
    execute: Callable[[str], object],
    savepoint: Callable[[], AbstractContextManager[object]],
    faults: list[str],
) -> None:
    words = attempt.replace("FROM ", "").rstrip(";").split()
    what = " ".join(words[:2] if words[0] in ("UPDATE", "DELETE", "TRUNCATE") else words)
    try:
        with savepoint():
            execute(attempt)
    except (DatabaseError, psycopg.Error) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        state = getattr(cause, "sqlstate", None)
        if state not in _REFUSED and not (state == _BUSY and attempt.startswith(("ALTER TABLE", "DROP TABLE"))):
            faults.append(f"{what} as {role} failed in another way ({state})")
    else:
        faults.append(f"{what} as {role} was not refused")
