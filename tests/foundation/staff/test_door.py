"""The database lets staff in by a grant of the moment, and by nothing else: tried with SQL of one's own."""

# ruff: noqa: S608  (statements put together from our own words)

from __future__ import annotations

import time

import pytest
from psycopg import errors

from factories import make_tenant, system
from safehold.foundation.scope.transaction import ticket_for
from support.staffers import approve, require_approval, shorten

pytestmark = pytest.mark.usefixtures("installation")

BIND = "select set_config('safehold.ticket', %s, true)"
SEEN = "select distinct tenant_id from tenancy_department"
OUTSIDE = "no support access"


def bind(raw, staffer, tenant, *, now=None):
    text = ticket_for(staffer.inside(tenant), backend=raw.info.backend_pid, now=now or time.time())
    raw.execute(BIND, [text])


def seen(raw, staffer, tenant):
    with raw.transaction():
        bind(raw, staffer, tenant)
        return [row[0] for row in raw.execute(SEEN)]


def refused(raw, staffer, tenant):
    with pytest.raises(errors.InsufficientPrivilege, match=OUTSIDE):
        seen(raw, staffer, tenant)


def wait_until(raw, grant):
    """Until the server's clock is past the grant's end."""
    raw.execute("select pg_sleep(greatest(0, extract(epoch from %s::timestamptz - clock_timestamp())) + 0.01)", [grant])


def test_a_grant_opens_its_tenant_to_read(raw, staffer, tenant):
    staffer.ask(tenant)
    assert seen(raw, staffer, tenant) == [tenant.id]


def test_no_grant_no_row(raw, staffer, tenant):
    refused(raw, staffer, tenant)


def test_a_grant_for_one_tenant_opens_no_other(raw, staffer, tenant):
    other = make_tenant()
    staffer.ask(other)
    refused(raw, staffer, tenant)
    with raw.transaction():
        bind(raw, staffer, other)
        for table in tables(raw):
            column = "id" if table == "tenancy_tenant" else "tenant_id"
            assert raw.execute(f"select count(*) from {table} where {column} <> %s", [other.id]).fetchone() == (0,)


def test_another_ones_grant_opens_nothing(raw, staffer, tenant):
    from support.staffers import Staffer

    colleague = Staffer()
    colleague.ask(tenant)
    refused(raw, staffer, tenant)
    colleague.leave()


def test_a_grant_waits_for_approval_where_the_tenant_wants_it(raw, staffer, tenant):
    owner = require_approval(tenant)
    grant = staffer.ask(tenant)
    refused(raw, staffer, tenant)
    approve(owner, grant)
    assert seen(raw, staffer, tenant) == [tenant.id]


def test_an_ended_grant_opens_nothing_from_the_next_statement_on(raw, staffer, tenant):
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.staff import flows

    grant = staffer.ask(tenant)
    with pytest.raises(errors.InsufficientPrivilege, match=OUTSIDE), raw.transaction():
        bind(raw, staffer, tenant)
        assert raw.execute(SEEN).fetchall() == [(tenant.id,)]
        with scoped(staffer.scope) as scope:
            flows.end_access(scope=scope, grant_id=grant.id)
        raw.execute(SEEN)


def test_it_ends_at_its_second_in_the_middle_of_a_transaction(raw, superuser, staffer, tenant):
    grant = staffer.ask(tenant)
    shorten(superuser, grant, 1.5)
    until = superuser.execute("select until_at from staff_grant where id = %s", [grant.id]).fetchone()[0]
    with pytest.raises(errors.InsufficientPrivilege, match=OUTSIDE), raw.transaction():
        bind(raw, staffer, tenant)
        assert raw.execute(SEEN).fetchall() == [(tenant.id,)]
        wait_until(raw, until)
        raw.execute(SEEN)
    refused(raw, staffer, tenant)


def test_a_cursor_doesnt_outlive_it(raw, superuser, staffer, tenant):
    grant = staffer.ask(tenant)
    shorten(superuser, grant, 1.5)
    until = superuser.execute("select until_at from staff_grant where id = %s", [grant.id]).fetchone()[0]
    with raw.transaction():
        bind(raw, staffer, tenant)
        raw.execute("declare plain cursor for select number from tenancy_department")
        assert raw.execute("fetch 1 from plain").fetchall()
        wait_until(raw, until)
        assert raw.execute("fetch all from plain").fetchall() == []


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_an_older_snapshot_is_refused(raw, staffer, tenant, level):
    staffer.ask(tenant)
    with pytest.raises(errors.InsufficientPrivilege, match=OUTSIDE), raw.transaction():
        raw.execute(f"set transaction isolation level {level}")
        bind(raw, staffer, tenant)
        raw.execute(SEEN)


def test_staff_who_left_see_nothing_even_by_a_grant_that_was_forgotten(raw, superuser, staffer, tenant):
    staffer.ask(tenant)
    superuser.execute("update staff_member set left_at = clock_timestamp() where account_id = %s", [staffer.account_id])
    refused(raw, staffer, tenant)
    superuser.execute("update staff_member set left_at = null where account_id = %s", [staffer.account_id])


def tables(raw) -> list[str]:
    """What the role may read."""
    rows = raw.execute(
        "select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'p', 'v', 'm', 'S') "
        "and c.relnamespace in ('public'::regnamespace, 'safehold'::regnamespace) "
        "and has_table_privilege(c.oid, 'select') order by 1"
    )
    return [row[0] for row in rows]


def test_without_a_ticket_nothing_is_read_in_any_table(raw):
    assert "records_record" in tables(raw)
    assert not {"identity_account", "identity_session", "audit_event", "staff_grant", "safehold.ticket_key"} & set(
        tables(raw)
    )
    for table in tables(raw):
        with pytest.raises(errors.InsufficientPrivilege, match="no scope"):
            raw.execute(f"select * from {table}")


def test_a_tenants_own_ticket_opens_nothing_to_this_role(raw, tenant):
    ticket = ticket_for(system(tenant), backend=raw.info.backend_pid, now=time.time())
    with pytest.raises(errors.InsufficientPrivilege, match="not valid"), raw.transaction():
        raw.execute(BIND, [ticket])
        raw.execute(SEEN)


def test_a_staff_ticket_opens_nothing_to_the_apps_role(installation, staffer, tenant):
    import psycopg

    staffer.ask(tenant)
    login = installation.login("app")
    where = {"host": login.host, "port": login.port, "dbname": login.name, "user": login.user}
    with psycopg.connect(**where, password=login.password, autocommit=True) as app:
        ticket = ticket_for(staffer.inside(tenant), backend=app.info.backend_pid, now=time.time())
        for statement in (SEEN, "select * from identity_account", "select safehold.scope_kind()"):
            with pytest.raises(errors.InsufficientPrivilege, match="not valid"), app.transaction():
                app.execute(BIND, [ticket])
                app.execute(statement)
        with pytest.raises(errors.InsufficientPrivilege), app.transaction():
            app.execute(BIND, [ticket])
            app.execute("select safehold.staff_tenant()")


def test_it_writes_nowhere(raw, staffer, tenant):
    staffer.ask(tenant)
    statements = [
        text.format(table=table)
        for table in tables(raw)
        for text in (
            "delete from {table}",
            "truncate {table}",
            "insert into {table} default values",
            "select * from {table} for update",
            "lock table {table} in row exclusive mode",
        )
    ]
    updates = ["update tenancy_member set role = 'owner'", "update staff_grant set until_at = null"]
    for statement in statements + updates:
        with pytest.raises(errors.InsufficientPrivilege), raw.transaction():
            bind(raw, staffer, tenant)
            raw.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "set role safehold_app",
        "set session authorization safehold_app",
        "create temporary table kept as select * from tenancy_member",
        "create table public.kept (a int)",
        "create function pg_temp.f() returns int language sql as 'select 1'",
        "select safehold.staff_ticket()",
        "select safehold.scope_tenant()",
        "select * from safehold.ticket_key",
        "select * from staff_grant",
        "select * from staff_member",
        "select lo_create(0)",
        "do $$ begin end $$",
        "copy tenancy_member to program 'cat'",
        "copy tenancy_member to '/tmp/out'",
        "alter role safehold_staff bypassrls",
        "alter table tenancy_member disable row level security",
        "create policy more on tenancy_member to safehold_staff using (true)",
    ],
)
def test_there_is_no_way_round(raw, staffer, tenant, statement):
    staffer.ask(tenant)
    with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)), raw.transaction():
        bind(raw, staffer, tenant)
        raw.execute(statement)


def test_a_ticket_can_be_neither_changed_nor_kept(raw, staffer, tenant):
    other = make_tenant()
    staffer.ask(tenant)
    text = ticket_for(staffer.inside(tenant), backend=raw.info.backend_pid, now=time.time())
    for changed in (
        text.replace(tenant.id.hex, other.id.hex),
        text.replace(staffer.account_id.hex, other.id.hex),
        text[:65] + "T" + text[66:],
    ):
        with pytest.raises(errors.InsufficientPrivilege, match="not valid"), raw.transaction():
            raw.execute(BIND, [changed])
            raw.execute(SEEN)
    with pytest.raises(errors.InsufficientPrivilege, match="not valid"), raw.transaction():
        bind(raw, staffer, tenant, now=time.time() - 120)
        raw.execute(SEEN)


@pytest.mark.parametrize(
    "change",
    [
        "until_at = until_at + interval '1 minute'",
        "from_at = from_at - interval '1 minute'",
        "ended_at = null, ended_by = null",
        "account_id = account_id, minutes = 720",
        "reason = 'something else'",
        "approved_at = now(), approved_by = gen_random_uuid()",
    ],
)
def test_a_grant_is_never_made_more_than_it_was(superuser, staffer, tenant, change):
    from django.db import DatabaseError, connection

    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.staff import flows

    grant = staffer.ask(tenant)
    if "ended" in change:
        with scoped(staffer.scope) as scope:
            flows.end_access(scope=scope, grant_id=grant.id)
    with pytest.raises(DatabaseError, match="can't be changed"), scoped(system(tenant)):
        connection.cursor().execute(f"update staff_grant set {change} where id = %s", [grant.id])
