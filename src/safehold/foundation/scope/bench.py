"""`safehold bench isolation`: what scopes and policies cost, against the same statements without them.

Both sides run as the app role, taking turns, transaction for transaction: ours is BEGIN with the ticket, the statement
on a policed table, COMMIT; the baseline is Django as it comes: its own engine, BEGIN, the same statement on a copy
without policies, COMMIT. The figures are medians in microseconds, seen from Python, with the rows fetched.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper as PlainEngine
from psycopg import sql
from psycopg.conninfo import make_conninfo

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped

__all__ = ["BENCHES", "run"]

Measure = dict[str, object]
Statement = Callable[[str, str, UUID], object]
_PLAIN = "bench-baseline"

_EVERY_DEPARTMENT = tuple(range(50))
_TWO_DEPARTMENTS = (7, 31)


def run(*, tenants: int = 1000, rows: int = 1_000_000, pairs: int = 600) -> list[Measure]:
    """Fill scratch tables, measure, and drop them."""
    with _scratch(tenants, rows) as owner, _plain_connection():
        measures = [
            _compare("a page of 50 rows", pairs, tenants, _statement("page")),
            _compare("one row by its key", pairs, tenants, _statement("one")),
            _compare("a report over a tenant's rows", pairs // 4, tenants, _statement("report")),
            _compare("adding a row", pairs, tenants, _statement("add")),
            _compare("a page, ten statements in one transaction", pairs // 4, tenants, _ten(_statement("page"))),
        ]
        owner.execute(_text("by_department"))
        page, two = _statement("page"), _statement("page_of_departments", departments=list(_TWO_DEPARTMENTS))
        measures += [
            _compare("a page under department policies, every department", pairs, tenants, page),
            _compare("a page of 2 of 50 departments", pairs, tenants, two, reach=_TWO_DEPARTMENTS),
        ]
        return measures


BENCHES = {"isolation": run}


@contextmanager
def _plain_connection() -> Iterator[None]:
    """The app role's connection through Django's own engine, under the alias of the baseline."""
    given = connections[DEFAULT_DB_ALIAS].settings_dict
    options = {key: value for key, value in given["OPTIONS"].items() if key != "pool"}
    connections[_PLAIN] = PlainEngine({**given, "OPTIONS": options}, _PLAIN)
    try:
        yield
    finally:
        connections[_PLAIN].close()
        del connections[_PLAIN]


def _text(part: str) -> sql.SQL:
    return sql.SQL(sql_parts("safehold.foundation.scope", "bench.sql")[part])


@contextmanager
def _scratch(tenants: int, rows: int) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The owner's connection, with the two tables there."""
    login = settings.SAFEHOLD.login("owner")
    where: dict[str, Any] = {"host": login.host, "port": login.port, "dbname": login.name, "user": login.user}
    with psycopg.connect(make_conninfo("", **where, **dict(login.options), password=login.password)) as owner:
        owner.autocommit = True
        owner.execute(_text("make"))
        try:
            owner.execute(_text("fill"), {"tenants": tenants, "rows": rows})
            for part in ("finish", "settle_policed", "settle_plain"):
                owner.execute(_text(part))
            yield owner
        finally:
            owner.execute(_text("drop"))


def _statement(part: str, **given: list[int]) -> Statement:
    """Runs one statement of bench.sql on a table for a tenant, and fetches what it gives."""
    texts = {name: _text(part).format(table=sql.Identifier(name)) for name in ("bench_policed", "bench_plain")}

    def statement(using: str, table: str, tenant: UUID) -> object:
        with connections[using].cursor() as cursor:
            cursor.execute(texts[table], {"tenant": tenant, **given})
            return cursor.fetchall() if cursor.description else None

    return statement


def _ten(statement: Statement) -> Statement:
    return lambda using, table, tenant: [statement(using, table, tenant) for _ in range(10)]


def _compare(
    what: str,
    pairs: int,
    tenants: int,
    statement: Statement,
    *,
    reach: tuple[int, ...] = _EVERY_DEPARTMENT,
) -> Measure:
    """Medians of interleaved pairs: each pair asks for one tenant, drawn anew, and the sides take turns to go first."""
    times: tuple[list[float], list[float]] = ([], [])
    draw = random.Random(1)  # noqa: S311  (the same tenants in each run)

    def policed(tenant: UUID) -> None:
        with scoped(Scope(Kind.TENANT, actor="system:bench", tenant_id=tenant, role=Role.OWNER, departments=reach)):
            statement(DEFAULT_DB_ALIAS, "bench_policed", tenant)

    def plain(tenant: UUID) -> None:
        with transaction.atomic(using=_PLAIN):
            statement(_PLAIN, "bench_plain", tenant)

    sides = ((0, policed), (1, plain))
    for turn in range(pairs + 20):
        tenant = UUID(f"00000000-0000-7000-8000-{draw.randrange(tenants):012x}")
        for side, work in sides if turn % 2 else reversed(sides):
            began = perf_counter()
            work(tenant)
            if turn >= 20:  # the first warm caches up
                times[side].append((perf_counter() - began) * 1e6)
    mine, theirs = (statistics.median(side) for side in times)
    return {"what": what, "ours": round(mine, 1), "baseline": round(theirs, 1), "ratio": mine / theirs, "unit": "µs"}
