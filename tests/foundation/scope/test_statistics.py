"""EXPLAIN doesn't tell how common a value is with other tenants: the planner keeps no statistics of values."""

# ruff: noqa: S608  (statements put together from our own words)

from __future__ import annotations

import pytest

from factories import make_tenant, system
from safehold.foundation.scope.transaction import scoped

CONDITIONS = {
    "records_record": ("s1 = '{}'", "s1 < '{}'", "s1 >= '{}'", "created_by = '{}'", "s1 between '' and '{}'"),
    "records_word": ("word = '{}'", "word ^@ '{}'", "word > '{}'", "word in ('{}', 'zz')"),
    "tenancy_member": ("email = '{}'", "name < '{}'"),
    "audit_event": ("type = '{}'", "target >= '{}'"),
}
KEPT = """
select c.relname || '.' || a.attname from pg_statistic s join pg_class c on c.oid = s.starelid
join pg_attribute a on a.attrelid = c.oid and a.attnum = s.staattnum
where c.relrowsecurity and a.attname <> 'tenant_id'
"""
COMMON, NOBODYS = "common-value", "nobodys-valu"


@pytest.fixture(scope="module")
def planted(installation):
    """A value that thousands of another tenant's rows have, analysed; and the tenant that asks."""
    import psycopg

    from safehold.operations.database.prepare import admin_conninfo

    mine, theirs = make_tenant(), make_tenant()
    name = installation.login("app").name
    with psycopg.connect(admin_conninfo(installation), dbname=name, autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")
        superuser.execute(
            "insert into records_record (tenant_id, id, collection_id, s1, created_at, created_by, updated_at,"
            " updated_by, action) select %(t)s, gen_random_uuid(), %(t)s, %(v)s, now(), %(v)s, now(), %(v)s, 'created'"
            " from generate_series(1, 5000)",
            {"t": theirs.id, "v": COMMON},
        )
        superuser.execute(
            "insert into records_word (tenant_id, collection_id, word, department, id, records)"
            " select %(t)s, %(t)s, %(v)s, 0, gen_random_uuid(), '{}' from generate_series(1, 5000)",
            {"t": theirs.id, "v": COMMON},
        )
        superuser.execute("analyze records_record, records_word, tenancy_member, audit_event")
        yield mine, superuser
        for table in ("records_record", "records_word"):
            superuser.execute(f"delete from {table} where tenant_id = %s", [theirs.id])
            superuser.execute(f"analyze {table}")


def explained(tenant, table, condition, value, form):
    from django.db import connection

    statement = f"select * from {table} where {condition.format(value)}"
    with scoped(system(tenant)), connection.cursor() as cursor:
        if form == "prepared":
            cursor.execute(f"prepare asked (text) as {statement.replace(repr(value), '$1')}")
            cursor.execute("set local plan_cache_mode = force_custom_plan")
            cursor.execute(f"explain execute asked ('{value}')")
        else:
            cursor.execute(f"explain (verbose, format {form}) {statement}")
        said = "\n".join(str(row[0]) for row in cursor.fetchall())
        if form == "prepared":
            cursor.execute("deallocate asked")
    after = value[:-1] + chr(ord(value[-1]) + 1)  # where the planner ends a range of what begins with the value
    return said.replace(value, "VALUE").replace(after, "AFTER")


ASKED = [(table, condition) for table, conditions in CONDITIONS.items() for condition in conditions]


@pytest.mark.parametrize("form", ["text", "json", "xml", "yaml", "prepared"])
@pytest.mark.parametrize(("table", "condition"), ASKED)
def test_a_common_value_is_explained_like_nobodys(planted, table, condition, form):
    mine, _ = planted
    assert explained(mine, table, condition, COMMON, form) == explained(mine, table, condition, NOBODYS, form)


def test_the_comparison_would_see_it(planted):
    """With statistics the estimate of the common value stands out."""
    mine, superuser = planted
    superuser.execute("alter table records_record alter s1 set statistics -1")
    superuser.execute("analyze records_record")
    try:
        found = {explained(mine, "records_record", "s1 = '{}'", value, "text") for value in (COMMON, NOBODYS)}
    finally:
        superuser.execute("alter table records_record alter s1 set statistics 0")
        superuser.execute("set allow_system_table_mods = on")
        superuser.execute("delete from pg_statistic where starelid = 'records_record'::regclass")
        superuser.execute("analyze records_record")
    assert len(found) == 2


def test_nothing_is_kept_of_policed_columns(planted):
    _, superuser = planted
    assert {row[0] for row in superuser.execute(KEPT).fetchall()} <= {"records_record.collection_id"}
