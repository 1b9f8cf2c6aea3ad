"""What policies do to plans where it counts: a thousand tenants, a million rows, one tenant with a fifth of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope import bench
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped

pytestmark = pytest.mark.slow

TENANTS, ROWS = 1_000, 1_000_000
SKEW = """
insert into bench_plain
select gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(
    case when n % 5 = 0 then 0 else (n * n::bigint / 7919) % 1000 * ((n / 3) % 1000) / 1000 end), 12, '0'))::uuid,
    n / 1000 % 50, timestamptz '2026-01-01' + n * interval '1 second', 'Record number ' || n, n % 10007
from generate_series(1, 1000000) as n
"""
SIZES = """
select tenant_id, count(*) from bench_plain group by 1 order by 2 desc
"""


@pytest.fixture(scope="module")
def sizes(installation) -> Iterator[list[tuple[UUID, int]]]:
    """The tenants with their numbers of rows, the largest first, and the tables of the bench filled with them."""
    with bench._scratch(0, 0) as owner:
        owner.execute("drop table bench_policed, bench_plain")
        with owner.transaction():
            owner.execute(bench._text("make"))
            owner.execute(SKEW)
            owner.execute(bench._text("finish"))
            owner.execute(bench._text("by_department"))
        owner.execute(bench._text("settle_policed"))
        yield owner.execute(SIZES).fetchall()


def plan(tenant: UUID, part: str, reach: tuple[int, ...], **given: object) -> dict[str, Any]:
    from django.db import connection
    from psycopg import sql

    statement = bench._text(part).format(table=sql.Identifier("bench_policed"))
    scope = Scope(Kind.TENANT, "system:test", tenant_id=tenant, role=Role.OWNER, departments=reach)
    with scoped(scope), connection.cursor() as cursor:
        asked = {"tenant": tenant, **given}
        cursor.execute(sql.SQL("explain (analyze, format json, timing off) ") + statement, asked)
        (found,) = cursor.fetchone()
        return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


ALL, TWO = tuple(range(50)), (7, 31)


# Each with the most rows that it may read where every department is within reach.
QUESTIONS = {
    "page": ({}, 51),
    "page_of_departments": ({"departments": list(TWO)}, None),
    "one": ({}, 1),
    "report": ({}, None),
}


@pytest.mark.parametrize("part", QUESTIONS)
@pytest.mark.parametrize("reach", [ALL, TWO], ids=["all", "two"])
@pytest.mark.parametrize("place", [0, 1, 300, -1], ids=["the largest", "the second", "a middling", "the smallest"])
def test_a_tenants_rows_alone_are_read(sizes, place, reach, part):
    given, most = QUESTIONS[part]
    tenant, size = sizes[place]
    found = list(nodes(plan(tenant, part, reach, **given)))
    scans = [node for node in found if node.get("Relation Name") == "bench_policed"]
    assert scans
    assert "Seq Scan" not in {node["Node Type"] for node in found}
    conditions = [node["Index Cond"] for node in found if "Index Name" in node]
    assert conditions
    assert all(re.search(r"\btenant_id\b", condition) for condition in conditions)
    for node in scans:
        read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        assert read <= size + 1
        if most and reach == ALL:
            assert read <= most


def test_nobody_elses_rows_are_counted_before_the_policy(sizes):
    """Asked about another tenant, the policy's comparison is settled before anything is read."""
    (mine, _), (theirs, _) = sizes[1], sizes[0]
    from django.db import connection

    scope = Scope(Kind.TENANT, "system:test", tenant_id=mine, role=Role.OWNER, departments=ALL)
    with scoped(scope), connection.cursor() as cursor:
        cursor.execute("explain (analyze, costs off, timing off) select count(*) from bench_policed "
                       "where tenant_id = %s", [theirs])  # fmt: skip
        lines = [line for (line,) in cursor.fetchall()]
    assert any("One-Time Filter" in line for line in lines)
    assert any("never executed" in line for line in lines)
