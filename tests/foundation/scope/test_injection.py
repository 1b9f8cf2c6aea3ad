"""Somebody got any SQL they like past us, as the app role. They reach no row that the scope doesn't open."""

# ruff: noqa: S608  (statements put together from our own words)

from __future__ import annotations

import time

import psycopg
import pytest
from psycopg import errors

from factories import system
from safehold.foundation.scope.transaction import BEGIN_WITHIN, ticket_for
from support import poolers

pytestmark = pytest.mark.usefixtures("installation")

COUNT = "select count(distinct tenant_id) from tenancy_department"
BIND = "select set_config('safehold.ticket', %s, true)"


def ticket(raw, tenant, *, backend: int | None = None, now: float | None = None) -> str:
    pid = poolers.server_process(raw) if backend is None else backend
    return ticket_for(system(tenant), backend=pid, now=time.time() if now is None else now)


def tenants(raw, text: str) -> list[object]:
    """The tenants seen in a transaction with this ticket."""
    with raw.transaction():
        raw.execute(BIND, [text])
        return [row[0] for row in raw.execute("select distinct tenant_id from tenancy_department")]


def refused(raw, text: str, message: str = "ticket of this transaction is not valid") -> None:
    with pytest.raises(errors.InsufficientPrivilege, match=message) as caught:
        tenants(raw, text)
    said = f"{caught.value} {caught.value.diag.message_detail} {caught.value.diag.message_hint}"
    assert len(text) < 8 or text not in said
    assert all(part not in said for part in (text[66:98], text[98:130]) if len(part) == 32)


def test_the_true_ticket_opens_its_tenant(raw, pair):
    assert tenants(raw, ticket(raw, pair[0])) == [pair[0].id]


@pytest.mark.parametrize("text", ["", None])
def test_no_ticket(raw, pair, text):
    with pytest.raises(errors.InsufficientPrivilege, match="no scope"):
        tenants(raw, text)
    with pytest.raises(errors.InsufficientPrivilege, match="no scope"):
        raw.execute(COUNT)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "0" * 64,
        "0" * 400,
        "1T" + "0" * 500,
        "\x01\x02" * 90,
        "'; select 1; --",
        "ü" * 200,
        " " * 70,
        "9" * 200,
        "{" * 200,
        "0" * 64 + "1P" + "0" * 64 + "0000000001" + "9999999999" + ":{}",
    ],
)
def test_made_up_tickets(raw, pair, text):
    refused(raw, text)


@pytest.mark.parametrize("place", [0, 63, 64, 65, 66, 97, 98, 130, 139, 140, 149, 150, 155, -1])
def test_a_changed_character(raw, pair, place):
    text = ticket(raw, pair[0])
    place %= len(text)
    for other in "0159afTSPoz{},:":
        if other != text[place]:
            refused(raw, text[:place] + other + text[place + 1 :])


def test_another_tenant_spliced_in(raw, pair):
    text = ticket(raw, pair[0])
    refused(raw, text[:66] + pair[1].id.hex + text[98:])
    refused(raw, text.replace("{0,1}", "{0,1,2,3}"))
    refused(raw, text[:65] + "P" + text[66:])
    refused(raw, text + " ")
    refused(raw, text[:-1])
    refused(raw, text.upper())


def test_a_ticket_of_another_connection(raw, pair):
    refused(raw, ticket(raw, pair[0], backend=poolers.server_process(raw) + 1))
    refused(raw, ticket(raw, pair[0], backend=0))


def test_a_ticket_kept_for_later(raw, pair):
    old = ticket(raw, pair[0], now=time.time() - BEGIN_WITHIN - 2)
    refused(raw, old)
    fresh = ticket(raw, pair[0], now=time.time() - BEGIN_WITHIN + 1.5)
    with raw.transaction():
        raw.execute(BIND, [fresh])
        time.sleep(2)  # the open transaction keeps what it took, and a later one can't take it
        assert raw.execute(COUNT).fetchone() == (1,)
    refused(raw, fresh)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from safehold.ticket_key",
        "update safehold.ticket_key set inner_pad = outer_pad",
        "create table public.t (a int)",
        "create table safehold.t (a int)",
        "create schema mine",
        "create temp table tenancy_department (tenant_id uuid)",
        "create function public.f() returns int language sql as 'select 1'",
        "create or replace function safehold.scope_tenant() returns uuid language sql as 'select null::uuid'",
        "select safehold.protect_table('tenancy_department')",
        "select safehold.grant_app('safehold.ticket_key')",
        "select safehold.force_policies('tenancy_department')",
        "select safehold.refuse_kind('x')",
        "set role safehold_owner",
        "set session authorization safehold_owner",
        "set session_replication_role = replica",
        "grant safehold_owner to safehold_app",
        "alter role safehold_app bypassrls",
        "alter role safehold_app superuser",
        "alter role safehold_owner password 'x'",
        "alter table tenancy_department disable row level security",
        "alter table tenancy_department no force row level security",
        "drop policy tenant_rows on tenancy_department",
        "create policy mine on tenancy_department using (true)",
        "truncate tenancy_department",
        "copy tenancy_department to program 'cat'",
        "copy tenancy_department to '/tmp/x'",
        "create extension dblink",
        "create trigger t before insert on tenancy_department for each row execute function safehold.scope_kind()",
        "do $$ begin perform 1; end $$",
        "select lo_create(0)",
        "select pg_read_file('/etc/passwd')",
        "select * from pg_stat_activity",
        "select * from pg_authid",
        "comment on table tenancy_department is 'mine'",
        "vacuum full tenancy_department",
        "create publication p for all tables",
        "alter system set row_security = off",
        "alter database safehold_test set search_path = mine",
    ],
)
def test_what_the_app_role_may_not(raw, pair, statement):
    with raw.transaction(force_rollback=True):
        raw.execute(BIND, [ticket(raw, pair[0])])
        with pytest.raises((errors.InsufficientPrivilege, errors.ActiveSqlTransaction, errors.WrongObjectType)):
            raw.execute(statement)


@pytest.mark.parametrize(
    "setting",
    [
        "set local row_security = off",
        "set local search_path = pg_temp, public",
        "set local search_path = safehold, public, pg_catalog",
        "set local enable_indexscan = off",
        "set local debug_parallel_query = on",
        "set local force_parallel_mode = on",
        "set local plan_cache_mode = force_generic_plan",
        "set local bytea_output = 'escape'",
        "set local standard_conforming_strings = off",
        "set local jit_above_cost = 0",
        "set local transform_null_equals = on",
        "set local extra_float_digits = -15",
        "set local datestyle = 'German'",
        "set local timezone = 'Asia/Kathmandu'",
    ],
)
def test_no_setting_opens_more(raw, pair, setting):
    with raw.transaction(force_rollback=True):
        raw.execute(BIND, [ticket(raw, pair[0])])
        try:
            with raw.transaction():
                raw.execute(setting)
        except psycopg.Error:
            return  # this server doesn't know it, or refuses it
        try:
            assert raw.execute(COUNT).fetchone() == (1,)
        except errors.InsufficientPrivilege as error:
            assert "row_security" in setting or "row-level security" in str(error)  # noqa: PT017


def test_a_cached_plan_follows_the_scope(raw, pair):
    raw.execute("prepare seen as select distinct tenant_id from tenancy_department")
    raw.execute("set plan_cache_mode = force_generic_plan")
    for tenant in (*pair, *pair):
        with raw.transaction():
            raw.execute(BIND, [ticket(raw, tenant)])
            assert raw.execute("execute seen").fetchall() == [(tenant.id,)]
    with pytest.raises(errors.InsufficientPrivilege, match="no scope"):
        raw.execute("execute seen")


def test_within_one_transaction_a_changed_ticket_counts_at_once(raw, pair):
    with raw.transaction():
        for tenant in (*pair, *pair):
            raw.execute(BIND, [ticket(raw, tenant)])
            assert raw.execute("select distinct tenant_id from tenancy_department").fetchall() == [(tenant.id,)]
        raw.execute(BIND, [""])
        with pytest.raises(errors.InsufficientPrivilege), raw.transaction():
            raw.execute(COUNT)


COLUMNS = "(id, tenant_id, number, name)"
WRITES = {
    "insert": f"insert into tenancy_department {COLUMNS} values (gen_random_uuid(), %(other)s, 99, 'x')",
    "update": "update tenancy_department set tenant_id = %(other)s",
    "on conflict": f"insert into tenancy_department {COLUMNS} select gen_random_uuid(), %(other)s, 98, 'x' "
    "on conflict do nothing",
    "upsert": f"insert into tenancy_department {COLUMNS} select id, tenant_id, number, name from tenancy_department "
    "on conflict (tenant_id, id) do update set tenant_id = %(other)s",
    "merge": "merge into tenancy_department d using (select 97 as number) s on d.number = s.number "
    f"when not matched then insert {COLUMNS} values (gen_random_uuid(), %(other)s, 97, 'x')",
}


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
def test_no_row_is_written_into_another_tenant(raw, pair, statement):
    with raw.transaction(force_rollback=True):
        raw.execute(BIND, [ticket(raw, pair[0])])
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            raw.execute(statement, {"other": pair[1].id})


CONFLICTS = {
    "key": f"insert into tenancy_department as t {COLUMNS} values (%(their_row)s, %(own)s, 77, 'x') "
    "on conflict (id) do update set name = 'y'",
    "name": "insert into tenancy_tenant as t (id, slug, name, plan, language, canary, last_department, created_at) "
    "values (%(own)s, %(slug)s, 'x', 'starter', 'en', false, 0, now()) on conflict (slug) do update set name = 'y'",
}


@pytest.mark.parametrize("statement", CONFLICTS.values(), ids=CONFLICTS)
def test_a_conflict_shows_nothing_of_another_tenants_row(raw, pair, statement):
    """CVE-2026-120154: the WHERE clause sees the hidden row, and a division by zero tells what is in it."""
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy.models import Department

    with scoped(system(pair[1])):
        their_row = Department.objects.get(number=1).id
    given = {"own": pair[0].id, "slug": pair[1].slug, "their_row": their_row}
    with raw.transaction(force_rollback=True):
        raw.execute(BIND, [ticket(raw, pair[0])])
        with pytest.raises((errors.InvalidColumnReference, errors.ObjectNotInPrerequisiteState)):
            raw.execute(f"{statement} where 1 / (case when t.name like '%%e%%' then 0 else 1 end) = 1", given)


THEIRS = "tenancy_department where tenant_id = %(other)s"
QUESTIONS = {
    "plain": f"select count(*) from {THEIRS}",
    "leaky expression": f"select count(*) from {THEIRS} and 1 / (number - number) > 0",
    "barrier": "select count(*) from (select * from tenancy_department offset 0) x where tenant_id = %(other)s",
    "update": f"with x as (update {THEIRS.replace(' where', ' set name = name where')} returning 1) "
    "select count(*) from x",
    "delete": f"with x as (delete from {THEIRS} returning 1) select count(*) from x",
    "lock": f"select count(*) from (select 1 from {THEIRS} for update) x",
    "register": "select count(*) from tenancy_tenant where id = %(other)s",
    "statistics": "select count(*) from pg_stats where tablename = 'tenancy_department'",
    "sample": "select count(*) from tenancy_department tablesample system (100) where tenant_id = %(other)s",
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_question_reaches_another_tenant(raw, pair, question):
    with raw.transaction(force_rollback=True):
        raw.execute(BIND, [ticket(raw, pair[0])])
        assert raw.execute(question, {"other": pair[1].id}).fetchone() == (0,)


def test_statements_are_not_shown_to_other_sessions(raw, superuser, pair):
    with raw.transaction():
        raw.execute(BIND, [ticket(raw, pair[0])])
        shown = superuser.execute("select query from pg_stat_activity where pid = %s", [poolers.server_process(raw)])
        assert "ticket" not in str(shown.fetchall())


def test_the_functions_tell_the_scope_and_nothing_else(raw, pair):
    with raw.transaction():
        raw.execute(BIND, [ticket(raw, pair[0])])
        row = raw.execute(
            "select safehold.scope_kind(), safehold.scope_tenant(), safehold.scope_tenant_or_null(), "
            "safehold.scope_account(), safehold.scope_account_outside(), safehold.scope_role(), "
            "safehold.scope_departments(), safehold.scope_log(), safehold.scope_log_write()"
        ).fetchone()
    assert row == ("tenant", pair[0].id, pair[0].id, None, None, "owner", [0, 1], pair[0].id, pair[0].id)
