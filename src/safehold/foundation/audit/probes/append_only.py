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

__all__ = ["nothing_can_be_changed"]

_REFUSED = {"42501": "no right", "23001": "trigger"}
"""How the database says no: insufficient privilege, or our trigger's restrict violation."""


def nothing_can_be_changed(probe: ProbeContext) -> Finding:
    """Try UPDATE, DELETE and TRUNCATE on each table of the log as every role, then read triggers and rights."""
    faults: list[str] = []
    tried = {"app": _as_app(probe, faults)}
    for role in ("sealer", "owner", "backup", "staff", "queue"):
        tried[role] = _as_role(role, faults)
    with connection.cursor() as cursor:
        cursor.execute(statement("probes", "faults"))
        faults += [row[0] for row in cursor.fetchall()]
        cursor.execute(statement("probes", "refusal"))
        row = cursor.fetchone()
    if row is None or row[0].strip() not in sql_text("safehold.foundation.audit", "001_append_only.sql"):
        faults.append("the function behind the triggers isn't the one that was released")
    if faults:
        return broken(f"The log can be changed: {faults[0]}.", faults=faults, tried=tried)
    left_out = [role for role, count in tried.items() if not count]
    return kept(
        f"{sum(tried.values())} attempts to change or remove entries, as every database role, were refused.",
        tried=tried,
        without_login_here=left_out,
    )


def attempts() -> list[str]:
    """Every statement that is tried, one by one."""
    return [line for line in statement("probes", "attempts").splitlines() if line]


def _as_app(probe: ProbeContext, faults: list[str]) -> int:
    with scoped(scope_of_log(probe.left, "probe")), connection.cursor() as cursor:
        cursor.execute(statement("probes", "hurry"))
        expect_refusal()
        for attempt in attempts():
            _expect_refusal("app", attempt, cursor.execute, transaction.atomic, faults)
        transaction.set_rollback(True)
    return len(attempts())


def _as_role(role: str, faults: list[str]) -> int:
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
            for attempt in attempts():
                _expect_refusal(role, attempt, session.execute, _savepoint(session), faults)
    return len(attempts())


def _savepoint(session: Connection) -> Callable[[], AbstractContextManager[object]]:
    return lambda: session.transaction(force_rollback=True)


def _expect_refusal(
    role: str,
    attempt: str,
    execute: Callable[[str], object],
    savepoint: Callable[[], AbstractContextManager[object]],
    faults: list[str],
) -> None:
    what = " ".join(attempt.replace("FROM ", "").rstrip(";").split()[:2])
    try:
        with savepoint():
            execute(attempt)
    except (DatabaseError, psycopg.Error) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        state = getattr(cause, "sqlstate", None)
        if state not in _REFUSED:
            faults.append(f"{what} as {role} failed in another way ({state})")
    else:
        faults.append(f"{what} as {role} was not refused")
