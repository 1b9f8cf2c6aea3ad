"""What lists ask the database is answered from indexes that lead with the tenant, as the app role, under policies."""

from __future__ import annotations

import pytest

COUNT = 6_000


@pytest.fixture(scope="module")
def crowd(installation):
    """A tenant with some thousand records, analysed, beside another as large."""
    from factories import make_tenant, system
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import bench, flows
    from safehold.workspace.records.importing.options import ImportOptions

    data = bench.made_up(COUNT)
    scopes = []
    for _ in range(2):
        scope = system(make_tenant())
        with scoped(scope):
            fields = flows.guessed_fields(scope=scope, data=data)
            flows.create_collection(scope=scope, key="clients", fields=fields)
            flows.import_rows(scope=scope, collection="clients", data=data, options=ImportOptions())
        scopes.append(scope)
    analyse(installation)
    return scopes[0]


def analyse(installation) -> None:
    import psycopg

    login = installation.login("owner")
    with psycopg.connect(
        host=login.host, port=login.port, dbname=login.name, user=login.user, password=login.password, autocommit=True
    ) as connection:
        connection.execute("ANALYZE records_record, records_word, records_unique")


def plan(scope, **asked: str) -> str:
    """How the database answers a page of a list: the plan of its largest statement."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import filters, selectors

    with scoped(scope):
        with CaptureQueriesContext(connection) as captured:
            selectors.records(scope, "clients", filters.parse(asked.items()))
        statements = [query["sql"] for query in captured if 'FROM "records_record"' in query["sql"]]
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) " + statements[0])
            return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "records_record_listed"),
        ({"sort": "-balance"}, "records_record_s"),
        ({"sort": "name"}, "records_record_s"),
        ({"since__gte": "2024-01-01", "sort": "since"}, "records_record_s"),
        ({"customerID": "C0000042"}, "records_record_s"),
        ({"q": "C0000042"}, "records_word_pkey"),
        ({"q": "bakery 42"}, "records_word_pkey"),
        ({"q": "ada.4711@shop.example"}, "records_word_pkey"),
    ],
)
def test_lists_are_answered_from_an_index(crowd, asked, index):
    found = plan(crowd, **asked)
    assert index in found
    assert "Seq Scan" not in found
    conditions = [line for line in found.splitlines() if "Index Cond" in line]
    assert conditions
    assert all("tenant_id = " in line for line in conditions), found


def test_a_page_in_the_middle_starts_where_the_last_one_ended(crowd):
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import filters, selectors

    query = filters.parse([("sort", "balance"), ("limit", "500")])
    with scoped(crowd):
        for _ in range(4):
            page = selectors.records(crowd, "clients", query)
            query = filters.parse([("sort", "balance"), ("limit", "500"), ("after", page.next)])
    found = plan(crowd, sort="balance", after=page.next)
    assert "ROW(s" in found.partition("Index Cond")[2]
    assert "rows=51" in found


def test_another_tenants_records_cost_nothing(crowd):
    """The policy is one comparison with a value known before the scan: other tenants' rows aren't looked at."""
    found = plan(crowd, q="c0000042")
    removed = [line for line in found.splitlines() if "Rows Removed" in line]
    assert all(int(line.rpartition(":")[2]) < 100 for line in removed), found
