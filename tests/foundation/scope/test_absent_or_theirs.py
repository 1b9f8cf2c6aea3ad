"""Whether a value is another tenant's or nobody's makes no difference to any statement of the app role's.

The same statement is run twice, once with an id, a name or a number that the other canary has, once with one that
nobody has. Rows, counts, errors and plans have to be the same, but for the value itself. What does differ, and why, is
the last test.
"""

# ruff: noqa: S608  (statements put together from names of the catalogue)

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from hypothesis import given, settings, strategies as st

from factories import system
from safehold.foundation.scope import probes
from safehold.foundation.scope.transaction import scoped

pytestmark = pytest.mark.usefixtures("installation")

COLUMNS = """
select a.attname, format_type(a.atttypid, null) from pg_attribute a
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum
"""
KINDS = {"uuid", "text", "bytea", "character varying", "integer"}

STATEMENTS = {
    "read": "select {columns} from {table} where {column} = {value}",
    "count": "select count(*) from {table} where {column} = {value}",
    "exists": "select exists (select from {table} where {column} = {value}), 1",
    "lock": "select 1 from {table} where {column} = {value} for key share",
    "update": "update {table} set {column} = {column} where {column} = {value}",
    "take over": "update {table} set {column} = {value}",
    "take over one": "update {table} set {column} = {value} where ctid = (select min(ctid) from {table})",
    "delete": "delete from {table} where {column} = {value}",
    "insert": "insert into {table} ({columns}) select {replaced} from {table} limit 1",
    "insert all": "insert into {table} ({columns}) select {replaced} from {table}",
    "conflict": "insert into {table} ({columns}) select {replaced} from {table} limit 1 on conflict do nothing",
    "merge": "merge into {table} t using (select {value} as v) s on t.{column} = s.v when matched then do nothing",
    "plan": "explain (costs off) select * from {table} where {column} = {value}",
    "plan of a change": "explain (costs off) update {table} set {column} = {column} where {column} = {value}",
}
WRITES = {"take over", "take over one", "insert", "insert all", "conflict"}
# Looked up before anybody knows the tenant, so unique over all of them: random ids, and digests of random secrets.
# Somebody who writes one that exists is told so; nobody can, who doesn't hold it already.
RANDOM = {("identity_invitation", "id"), ("identity_invitation", "digest"), ("identity_token", "id")} | {
    ("identity_token", "digest")
}
# What stands in a plan's estimates for a column with few values is how common they are, over all tenants: see below.
PLANS = {"plan", "plan of a change"}


class Found:
    """The tables with rows of both canaries, their columns, and values that only the other one has."""

    def __init__(self) -> None:
        from safehold.foundation.tenancy import selectors

        with scoped(probes.canary(UUID(int=1))):
            self.mine, self.theirs = selectors.canaries()
        self.columns: dict[str, dict[str, str]] = {}
        self.values: list[tuple[str, str, Any]] = []
        for table in self._tables():
            self.values += [(table, column, value) for column, value in self._only_theirs(table)]

    def _tables(self) -> Iterator[str]:
        with scoped(system(self.mine)), connection.cursor() as cursor:
            for table in probes.tenant_tables():
                if table.reads:
                    cursor.execute(COLUMNS, [table.name])
                    self.columns[table.name] = dict(cursor.fetchall())
                    yield table.name

    def _only_theirs(self, table: str) -> Iterator[tuple[str, Any]]:
        for column, kind in self.columns[table].items():
            if kind in KINDS:
                mine, theirs = (self._values(tenant, table, column) for tenant in (self.mine, self.theirs))
                yield from ((column, value) for value in theirs if value not in mine)

    @staticmethod
    def _values(tenant: UUID, table: str, column: str) -> list[Any]:
        """Those of the tenant's own rows: the log of logs, which everybody may read, is nobody's."""
        with scoped(system(tenant)), connection.cursor() as cursor:
            cursor.execute(
                f'select distinct "{column}" from {table} where "{column}" is not null and tenant_id = %s limit 200',
                [tenant],
            )
            return [bytes(row[0]) if isinstance(row[0], memoryview) else row[0] for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def found(installation) -> Found:
    return Found()


def absent(value: Any, number: int) -> Any:
    """A value of the same kind and length that nobody has."""
    if isinstance(value, UUID):
        # Of the same moment, where the id tells one: in which months' parts a plan looks goes by the value asked for.
        return UUID(int=(value.int >> 80 << 80) | UUID(int=number % 2**80, version=4).int)
    if isinstance(value, int):
        return 2_000_000_000 + number % 100_000_000
    text = f"{number:032x}" * (len(value) // 32 + 1)
    return text[: len(value)] if isinstance(value, str) else text.encode()[: len(value)]


def _literal(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'"


def outcome(found: Found, table: str, column: str, value: Any, statement: str) -> str:
    """All that a statement says, with the value taken out."""
    columns = found.columns[table]
    literal = _literal(value)
    names = [f'"{name}"' for name in columns]
    replaced = [literal if name == column else f'"{name}"' for name in columns]
    text = STATEMENTS[statement].format(
        table=table, column=f'"{column}"', value=literal, columns=", ".join(names), replaced=", ".join(replaced)
    )
    with probes.undone(system(found.mine)):
        pgconn = connection.connection.pgconn
        result = pgconn.exec_(text.encode())
        fields = [result.error_field(field) for field in psycopg.pq.DiagnosticField]
        rows = [[result.get_value(row, n) for n in range(result.nfields)] for row in range(result.ntuples)]
        said = repr((result.status, result.command_status, fields, rows))
        if result.status == psycopg.pq.ExecStatus.FATAL_ERROR:
            pgconn.exec_(b"rollback; begin")
    shown = [str(value), repr(value)[1:-1]]
    shown += [value.hex] if isinstance(value, UUID) else [value.hex()] if isinstance(value, bytes) else []
    for one in sorted(shown, key=len, reverse=True):
        said = said.replace(one, "VALUE")
    return said


@settings(max_examples=400)
@given(draw=st.data(), number=st.integers(1, 2**100))
def test_nothing_tells_theirs_from_nobodys(found, draw, number):
    table, column, value = draw.draw(st.sampled_from(found.values))
    statement = draw.draw(st.sampled_from([name for name in STATEMENTS if name not in PLANS]))
    nobodys = outcome(found, table, column, absent(value, number), statement)
    theirs = outcome(found, table, column, value, statement)
    if (table, column) in RANDOM and statement in WRITES:
        assert theirs == nobodys or "23505" in theirs
    else:
        assert theirs == nobodys, (table, column, statement)


@settings(max_examples=100)
@given(draw=st.data(), number=st.integers(1, 2**100))
def test_plans_of_ids_are_the_same(found, draw, number):
    ids = [each for each in found.values if each[1] == "id"]
    table, column, value = draw.draw(st.sampled_from(ids))
    statement = draw.draw(st.sampled_from(sorted(PLANS)))
    nobodys = outcome(found, table, column, absent(value, number), statement)
    assert outcome(found, table, column, value, statement) == nobodys, (table, statement)


def test_enough_is_tried(found):
    assert len({table for table, _, _ in found.values}) >= 10
    assert len(found.values) >= 50


def test_an_estimate_tells_how_common_a_value_is_and_no_more(found, superuser):
    """PostgreSQL's planner goes by statistics over all tenants, and shows its estimates to who may send EXPLAIN.

    Somebody with SQL of their own, who knows another tenant's id already, learns about how many rows it has. No row, no
    value and no name comes with it, and none of our pages or operations shows a plan.
    """
    superuser.execute("analyze tenancy_department")
    with scoped(system(found.mine)), connection.cursor() as cursor:
        cursor.execute(
            "explain (analyze, format json) select * from tenancy_department where tenant_id = %s", [found.theirs]
        )
        (plan,) = cursor.fetchone()
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    assert top["Actual Rows"] == 0
    assert str(found.theirs) not in str(plan).replace(f"'{found.theirs}'::uuid", "")
