"""The guard of new tables: what would stand open can't be committed, whoever makes it."""

from __future__ import annotations

import psycopg
import pytest

KEYED = "tenant_id uuid not null, id uuid not null, primary key (tenant_id, id)"


@pytest.fixture
def owner(installation):
    """The role that releases change tables as."""
    login = installation.login("owner")
    with psycopg.connect(
        host=login.host, port=login.port, dbname=login.name, user=login.user, password=login.password, autocommit=True
    ) as connection:
        yield connection


@pytest.fixture
def somebody(request, owner, installation):
    """Whoever makes a table: the owner role, or an administrator at the prompt."""
    from safehold.operations.database.prepare import admin_conninfo

    if request.param == "owner":
        yield owner
        return
    with psycopg.connect(admin_conninfo(installation), dbname=owner.info.dbname, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("somebody", ["owner", "administrator"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"create table guard_a ({KEYED})", "the table guard_a would stand open"),
        ("create table guard_a as select * from tenancy_member", "the table guard_a would stand open"),
        ("select * into guard_a from tenancy_member", "the table guard_a would stand open"),
        (f"create table safehold.guard_a ({KEYED})", "the table safehold.guard_a would stand open"),
        (f"create schema guard create table guard_a ({KEYED})", "the table guard.guard_a would stand open"),
        ("create table guard_a (like tenancy_member including all)", "the table guard_a would stand open"),
        ("alter table tenancy_member no force row level security", "the table tenancy_member would stand open"),
        ("alter table tenancy_member disable row level security", "the table tenancy_member would stand open"),
        ("create view guard_a as select * from tenancy_member", "the view guard_a would show rows with its owner"),
        ("create materialized view guard_a as select * from tenancy_member", "do not reach the rows of guard_a"),
        (
            (
                f"create table guard_a ({KEYED}) partition by hash (tenant_id); "
                "alter table guard_a enable row level security; alter table guard_a force row level security; "
                "create table guard_b partition of guard_a for values with (modulus 1, remainder 0)"
            ),
            "the table guard_b would stand open",
        ),
    ],
)
def test_what_would_stand_open_is_refused(somebody, statement, says):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=says) as refused:
        somebody.execute(statement)
    assert "safehold.protect_table" in refused.value.diag.message_hint
    found = somebody.execute("select count(*) from pg_class where relname like 'guard\\_%'").fetchone()
    assert found == (0,)
    forced = somebody.execute("select relforcerowsecurity from pg_class where relname = 'tenancy_member'").fetchone()
    assert forced == (True,)


def test_a_table_has_until_commit_to_be_protected(owner):
    with owner.transaction(force_rollback=True):
        owner.execute(f"create table guard_a ({KEYED})")
        owner.execute("select safehold.protect_table('guard_a')")
        owner.execute("create view guard_b with (security_invoker) as select * from guard_a")
        owner.execute("alter table guard_a add note text")
        owner.execute("set constraints all immediate")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState), owner.transaction():
        owner.execute(f"create table guard_a ({KEYED})")
        owner.execute("select safehold.protect_table('guard_a')")
        owner.execute("alter table guard_a no force row level security")


def test_a_declared_table_may_stand_without_policies_and_a_dropped_one_is_no_matter(owner):
    with owner.transaction():
        owner.execute("create table bench_plain (a int)")
    with owner.transaction():
        owner.execute("drop table bench_plain")
        owner.execute("create table guard_a (a int)")
        owner.execute("drop table guard_a")


@pytest.mark.parametrize(
    "statement",
    [
        "drop event trigger safehold_guard",
        "alter event trigger safehold_guard disable",
        "set session_replication_role = replica",
        "drop function safehold_guard.note_changes() cascade",
        "create or replace function safehold_guard.refuse_open() returns trigger language sql as 'select null'",
        "insert into safehold_guard.exempt values ('guard_a', 'because')",
        "alter table safehold_guard.changed disable trigger all",
        "delete from safehold_guard.changed",
        "drop schema safehold_guard cascade",
    ],
)
def test_the_owner_can_not_get_round_it(owner, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(statement)


def test_nothing_of_a_transaction_stays_in_its_notes(owner, superuser):
    with owner.transaction():
        owner.execute("create table bench_plain (a int)")
        owner.execute("alter table bench_plain add b int")
        owner.execute("drop table bench_plain")
    assert superuser.execute("select count(*) from safehold_guard.changed").fetchone() == (0,)


def test_installing_it_again_changes_nothing(installation, superuser):
    from safehold.operations.database.prepare import guard_tables

    def state():
        return superuser.execute(
            "select (select array_agg(name order by name) from safehold_guard.exempt), "
            "(select evtenabled from pg_event_trigger where evtname = 'safehold_guard')"
        ).fetchone()

    before = state()
    assert guard_tables(installation)
    assert state() == before
