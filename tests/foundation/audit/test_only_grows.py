"""The log's tables are kept from their own owner, and from a superuser who doesn't switch the guard off first."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from safehold.foundation.audit.statements import Connection, connect
from safehold.operations.database.prepare import admin_conninfo

TABLES = ("audit_event", "audit_leaf", "audit_node", "audit_checkpoint", "audit_key")
WAYS = (
    "drop table {0} cascade",
    "drop trigger refuse_change on {0}",
    "drop trigger refuse_change_of_row on {0}",
    "alter table {0} disable trigger refuse_change",
    "alter table {0} disable trigger all",
    "alter table {0} disable trigger user",
    "alter table {0} enable trigger refuse_change",
    "alter table {0} enable replica trigger refuse_change_of_row",
    "alter trigger refuse_change on {0} rename to refused",
    "alter table {0} rename to x",
    "alter view {0} rename to x",
    "alter table {0} set schema safehold",
    "alter table {0} owner to safehold_app",
    "alter table {0} add column x text",
    "alter table {0} replica identity full",
    "create rule x as on insert to {0} do instead nothing",
    "create trigger x before insert on {0} for each row execute function suppress_redundant_updates_trigger()",
    "create policy x on {0} using (true)",
)
MORE = (
    "alter table audit_event no force row level security",
    "alter table audit_leaf disable row level security",
    "alter table audit_event drop column personal",
    "alter table audit_event alter column actor type varchar(200)",
    "alter table audit_event alter column at drop default",
    "alter table audit_event alter column type drop not null",
    "alter table audit_event drop constraint audit_event_pkey",
    "alter table audit_event rename column actor to who",
    "alter table audit_leaf drop column chain",
    "alter table audit_leaf alter column index type numeric",
    "alter table audit_leaf set unlogged",
    "alter table audit_leaf drop constraint audit_leaf_pkey",
    "alter table audit_leaf add constraint x check (index < 10) not valid",
    "alter table audit_event detach partition audit_event_1y",
    "alter table audit_event_1y detach partition audit_event_1y_rest",
    "drop table audit_event_1y_rest",
    "drop table audit_event_1y_rest, audit_event_3y_rest",
    "alter table audit_event_5y_rest disable trigger refuse_change",
    "alter policy own_log_adds on audit_event with check (true)",
    "drop policy present_time on audit_event",
    "drop function safehold.refuse_change() cascade",
    "create or replace function safehold.refuse_change() returns trigger language plpgsql as 'begin return new; end'",
    "alter function safehold.refuse_change() rename to x",
    "alter function safehold.refuse_change() set search_path = public",
    "alter routine safehold.refuse_change() owner to safehold_app",
    "alter function safehold.new_part(regclass, text) security invoker",
    "drop schema safehold cascade",
    "alter schema safehold rename to x",
    "drop owned by safehold_owner cascade",
)
ALL = [way.format(table) for table in TABLES for way in WAYS] + list(MORE)


REFUSALS = {"23001", "42501", "55000", "42P16", "0A000", "2BP01", "42809"}
"""The guard's; no right to that; and PostgreSQL's own: what only the whole may do, what something depends on."""


@pytest.fixture
def owner(installation) -> Iterator[Connection]:
    with connect("owner") as session:
        session.autocommit = True
        yield session


@pytest.fixture
def administrator(installation, owner) -> Iterator[Connection]:
    """A superuser at the prompt, the guard awake."""
    with psycopg.connect(admin_conninfo(installation), dbname=owner.info.dbname, autocommit=True) as session:
        yield session


@pytest.mark.parametrize("statement", ALL)
def test_nobody_takes_its_protection_away(owner, administrator, statement):
    for session in (owner, administrator):
        with pytest.raises(psycopg.Error) as refused, session.transaction():
            session.execute(statement)
        assert refused.value.sqlstate in REFUSALS, refused.value


@pytest.mark.parametrize(
    "part", ["audit_event detach partition audit_event_1y", "audit_event_1y detach partition audit_event_1y_rest"]
)
def test_no_part_is_detached_in_two_steps(owner, administrator, part):
    """The first step would be committed before the guard is asked; PostgreSQL takes it for nothing that has a rest."""
    for session in (owner, administrator):
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="default partition"):
            session.execute(f"alter table {part} concurrently")


def test_it_is_the_guard_that_refuses(owner, administrator):
    for statement in (
        "drop table audit_event cascade",
        "alter table audit_key set unlogged",
        "drop table audit_event_1y_rest",
    ):
        for session in (owner, administrator):
            with pytest.raises(psycopg.errors.RestrictViolation, match="only grows"):
                session.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "drop event trigger safehold_only_grows",
        "alter event trigger safehold_only_grows_drop disable",
        "alter event trigger safehold_only_grows_rewrite owner to safehold_owner",
        "delete from safehold_guard.fixed",
        "update safehold_guard.fixed set state = ''",
        "drop function safehold_guard.refuse_change() cascade",
        "create or replace function safehold_guard.refuse_spoilt() returns void language sql as ''",
        "select safehold_guard.purge_month(1::smallint, '2020-01-01', '{}')",
        "set session_replication_role = replica",
        "reassign owned by safehold_owner to safehold_app",
    ],
)
def test_the_owner_can_t_reach_the_guard(owner, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(statement)


def test_what_spoils_nothing_is_still_possible(owner):
    with owner.transaction(force_rollback=True):
        owner.execute("create index looked_for on audit_leaf (tenant_id, digest)")
        owner.execute("drop index looked_for")
        owner.execute("create table public.bench_plain (a int)")
        owner.execute("alter table public.bench_plain add b int")
        owner.execute("drop table public.bench_plain")
        owner.execute("create function pg_temp.x() returns int language sql as 'select 1'")


def test_a_new_table_that_only_grows_is_kept_from_the_moment_it_is_committed(owner, superuser):
    with owner.transaction():
        owner.execute("create table public.bench_plain (a int)")
        owner.execute("select safehold.make_append_only('public.bench_plain')")
    try:
        for spoil in ("drop table public.bench_plain", "alter table public.bench_plain alter a type bigint"):
            with pytest.raises(psycopg.errors.RestrictViolation, match="bench_plain only grows"):
                owner.execute(spoil)
    finally:  # a superuser who goes past the guard
        superuser.execute("drop table public.bench_plain")
        superuser.execute("delete from safehold_guard.fixed where name like '%bench_plain'")


def test_a_start_with_migrations_lifts_the_guard_and_puts_it_back(installation, owner):
    from safehold.foundation.scope.guard import lift_rooms_guards
    from safehold.operations.database.prepare import fix_tables

    def alter():
        with owner.transaction(force_rollback=True):
            owner.execute("alter table audit_key add column more text")

    with pytest.raises(psycopg.errors.RestrictViolation):
        alter()
    lift_rooms_guards(admin_conninfo(installation), owner.info.dbname)
    try:
        alter()
    finally:
        assert fix_tables(installation)
    with pytest.raises(psycopg.errors.RestrictViolation):
        alter()
