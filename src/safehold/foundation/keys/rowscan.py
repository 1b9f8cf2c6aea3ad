"""The raw scan's other half: rows as the database gives them out, decompressed, of the scopes that probes may open.

A value that is long enough to be compressed on disk escapes a search of the files; it doesn't escape this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from safehold.foundation.access.matrix import Role
from safehold.foundation.keys.rawscan import Hit, Needles, scan_chunks
from safehold.foundation.scope.migrations_support import sql_text
from safehold.foundation.scope.probes import expect_refusal
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped

__all__ = ["RowReport", "scan_rows"]

_ROOM = "safehold.foundation.keys"
_ACTOR = "system:prove"


@dataclass(slots=True)
class RowReport:
    """What was read of the database's rows, and what was found."""

    tables: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    size: int = 0
    hits: list[Hit] = field(default_factory=list)


def scan_rows(tenants: tuple[UUID, ...], needles: Needles) -> RowReport:
    """Read every table as the app role in each tenant's scope, the platform's and the sign-in pages'."""
    report = RowReport()
    scopes = [Scope(kind=Kind.TENANT, actor=_ACTOR, tenant_id=tenant, role=Role.OWNER) for tenant in tenants]
    for scope in [*scopes, Scope(kind=Kind.PLATFORM, actor=_ACTOR), Scope(kind=Kind.SIGN_IN, actor=_ACTOR)]:
        with scoped(scope):
            for schema, table in _tables():
                _scan_table(schema, table, needles, report)
    report.closed -= report.tables
    return report


def _tables() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql_text(_ROOM, "statements/list_tables.sql"))
        return list(cursor.fetchall())


def _scan_table(schema: str, table: str, needles: Needles, report: RowReport) -> None:
    place = f"{schema}.{table}"
    copy = sql.SQL(sql_text(_ROOM, "statements/copy_rows.sql")).format(sql.Identifier(schema, table))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            expect_refusal()
            with cursor.copy(copy) as rows:
                report.hits += scan_chunks(_counted(rows, report), needles, f"rows of {place}")
            transaction.set_rollback(True)  # nothing was written; from here on errors are logged again
        report.tables.add(place)
    except InsufficientPrivilege:
        report.closed.add(place)  # its policies open it to other kinds of scope only


def _counted(rows: Iterator[memoryview], report: RowReport) -> Iterator[bytes]:
    """Rows in larger pieces: one search for each needle costs more than the bytes it goes through."""
    piece = bytearray()
    for row in rows:
        piece += row
        if len(piece) > 1 << 20:
            report.size += len(piece)
            yield bytes(piece)
            piece.clear()
    report.size += len(piece)
    yield bytes(piece)
