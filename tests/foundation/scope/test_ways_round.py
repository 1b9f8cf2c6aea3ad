"""Ways to another tenant's rows that don't ask a table for them: statistics, estimates, files, copies, other sessions.

Each is tried as the app role in one tenant's transaction. Whatever comes back, as rows, notices or errors, is searched
for what the other tenant has: its id, its slug, its canary, the id of the canary's row.
"""

# ruff: noqa: S608  (statements put together from our own words)

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from factories import make_tenant, system
from safehold.foundation.scope.transaction import scoped, ticket_for
from support import poolers

pytestmark = pytest.mark.usefixtures("installation")


@dataclass
class Two:
    """Our own tenant's id, and what may be seen nowhere."""

    own: UUID
    theirs: dict[str, str]


@pytest.fixture(scope="module")
def two(installation) -> Two:
    from safehold.foundation.tenancy.models import Department

    canary = f"canary {os.urandom(6).hex()}"
    other, mine = make_tenant(departments=[canary]), make_tenant(departments=["Mine"])
    with scoped(system(other)):
        row = Department.objects.get(name=canary).id
    theirs = {"other": str(other.id), "slug": other.slug, "canary": canary, "row": str(row), "hex": other.id.hex}
    return Two(mine.id, theirs)


@pytest.fixture
def app(raw, superuser, two):
    """The app role's connection in our own tenant's transaction; statistics are as fresh as they can be."""
    superuser.execute("analyze tenancy_department, tenancy_tenant")
    with raw.transaction(force_rollback=True):
        text = ticket_for(system(two.own), backend=poolers.server_process(raw), now=time.time())
        raw.execute("select set_config('safehold.ticket', %s, true)", [text])
        yield raw


def said(app, statement: str, two: Two) -> tuple[str, bool]:
    """All that comes back from a statement, and whether it went through."""
    heard: list[str] = []
    app.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
    for name, value in two.theirs.items():
        statement = statement.replace(f"%({name})s", f"'{value}'")
    try:
        with app.transaction():
            cursor = app.cursor()
            cursor.execute(statement)
            while True:
                if cursor.description:
                    heard += [str(row) for row in cursor.fetchall()]
                if not cursor.nextset():
                    break
    except psycopg.Error as error:
        fields = ("message_primary", "message_detail", "message_hint", "context", "internal_query")
        return "\n".join([*heard, *(str(getattr(error.diag, field)) for field in fields)]), False
    return "\n".join(heard), True


def finds(text: str, two: Two, asked: str) -> list[str]:
    """What of the other's is in the text, other than what the statement itself brought along."""
    return [value for name, value in two.theirs.items() if value in text and f"%({name})s" not in asked]


T = "tenancy_department"
REFUSED = {
    "a function with the owner's rights": "create function f() returns setof tenancy_department language sql "
    "security definer as 'select * from tenancy_department'",
    "a view": f"create view v as select * from {T}",
    "a view with the reader's rights": f"create view v with (security_invoker) as select * from {T}",
    "a materialised view": f"create materialized view v as select * from {T}",
    "a rule": f"create rule r as on select to {T} do also nothing",
    "a domain": "create domain d as text",
    "a type": "create type t as (a int)",
    "an operator": "create operator === (leftarg = text, rightarg = text, function = texteq)",
    "a cast": "create cast (text as uuid) with inout as implicit",
    "an aggregate": "create aggregate a (text) (sfunc = textcat, stype = text)",
    "a statistics object": f"create statistics s on name, number from {T}",
    "an event trigger": "create event trigger e on ddl_command_start execute function safehold.scope_kind()",
    "a temporary table": f"create temp table t as select * from {T}",
    "a temporary view": f"create temp view tenancy_department as select * from {T}",
    "another database": "create extension dblink",
    "another server": "create extension postgres_fdw",
    "a foreign table": "create server s foreign data wrapper postgres_fdw",
    "code": "do $$ begin raise notice '%', (select count(*) from tenancy_department); end $$",
    "code elsewhere": "do language plpythonu $$ pass $$",
    "a file": "select pg_read_file('postgresql.conf')",
    "a file, in bytes": "select pg_read_binary_file('PG_VERSION')",
    "a folder": "select pg_ls_dir('.')",
    "a folder of logs": "select * from pg_ls_logdir()",
    "a file's facts": "select * from pg_stat_file('PG_VERSION')",
    "a file as a large object": "select lo_import('/etc/passwd')",
    "a large object as a file": "select lo_export(1, '/tmp/x')",
    "a large object": "select lo_from_bytea(0, 'x')",
    "reading a large object": "select lo_get(1)",
    "all large objects": "select * from pg_largeobject",
    "copying from a file": f"copy {T} from '/etc/passwd'",
    "copying from a program": f"copy {T} from program 'id'",
    "copying to a program": f"copy (select * from {T}) to program 'cat'",
    "copying to a file": f"copy (select * from {T}) to '/tmp/x'",
    "a replication slot": "select pg_create_logical_replication_slot('s', 'test_decoding')",
    "a physical slot": "select pg_create_physical_replication_slot('s')",
    "a slot's changes": "select * from pg_logical_slot_peek_changes('s', null, null)",
    "a publication": f"create publication p for table {T}",
    "a subscription": "create subscription s connection 'dbname=x' publication p",
    "a backup": "select pg_backup_start('x')",
    "raw statistics": "select * from pg_statistic",
    "raw extended statistics": "select * from pg_statistic_ext_data",
    "setting a sequence": "select setval('procrastinate_jobs_id_seq', 1)",
    "reading a sequence": "select last_value from procrastinate_jobs_id_seq",
    "the queue of jobs": "select args from procrastinate_jobs",
    "how many jobs there are": "select count(*) from procrastinate_jobs",
    "when jobs ran": "select * from procrastinate_events",
    "all workers": "select * from procrastinate_workers",
    "the register of tasks": "select * from safehold.job_task",
    "taking a job": "select procrastinate_fetch_job_v2(null, 1)",
    "a job of one's own making": "insert into procrastinate_jobs (queue_name, task_name) values ('default', 'x')",
    "a job for another": "select safehold.job_queue('records.import', %(other)s, '{}')",
    "passwords": "select * from pg_shadow",
    "roles' secrets": "select rolpassword from pg_authid",
    "other sessions": "select * from pg_stat_activity",
    "other sessions' statements": "select pg_stat_get_activity(null)",
    "ending another session": "select pg_terminate_backend(pg_backend_pid() + 0)",
    "cancelling another's statement": "select pg_cancel_backend(pg_backend_pid())",
    "the server's log": "select pg_current_logfile(), pg_read_file(pg_current_logfile())",
    "the server's settings": "alter system set log_statement = 'all'",
    "reading settings files": "select * from pg_hba_file_rules",
    "loading a library": "load 'auto_explain'",
    "seeing locked rows": f"lock table {T} in exclusive mode; alter table {T} add column x int",
    "the ticket's key": "select * from safehold.ticket_key",
    "another role": "set local role safehold_sealer",
    "another role's settings": "alter role safehold_sealer set search_path = x",
}
LOOKED_AT = {
    "statistics": "select * from pg_stats where schemaname in ('public', 'safehold')",
    "extended statistics": "select * from pg_stats_ext",
    "expressions' statistics": "select * from pg_stats_ext_exprs",
    "counters": "select * from pg_stat_user_tables; select * from pg_statio_user_tables",
    "counters of indexes": "select * from pg_stat_user_indexes",
    "sizes": f"select pg_table_size('{T}'), reltuples, relpages from pg_class where relname = '{T}'",
    "locks": "select * from pg_locks",
    "cursors and plans": "select * from pg_cursors; select * from pg_prepared_statements",
    "settings": "select name, setting from pg_settings; show all",
    "comments and definitions": "select * from pg_description; select pg_get_constraintdef(oid) from pg_constraint",
    "all as XML": "select schema_to_xml('public', true, false, '')",
    "a question as XML": f"select query_to_xml('select * from {T}', true, false, '')",
    "a word count": f"select * from ts_stat('select to_tsvector(name) from {T}')",
    "a row's tid": f"select * from {T} where ctid = any (select format('(%%s,%%s)', a, b)::tid from "
    "generate_series(0, 50) a, generate_series(1, 100) b)".replace("%%", "%"),
    "system columns": f"select tableoid, xmin, ctid, * from {T}",
    "a sample": f"select * from {T} tablesample bernoulli (100)",
    "row locks": f"select * from {T} for update; select * from {T} for key share skip locked",
    "a held cursor": f"declare c cursor with hold for select * from {T}; fetch all from c",
    "a scrolling cursor": f"declare c scroll cursor for select * from {T}; fetch last from c; fetch first from c",
    "a prepared plan": f"prepare p as select * from {T}; execute p; deallocate p",
    "a snapshot": f"select pg_export_snapshot(); select * from {T}",
    "returning": f"update {T} set name = name returning *; delete from {T} where tenant_id = %(other)s returning *",
    "merging": f"merge into {T} d using (values (1)) s (n) on d.tenant_id = %(other)s when matched then delete "
    "when not matched then do nothing",
    "a leaking comparison": f"select * from {T} where name like 'canary%' and 1 / (case when name ~ 'canary' then 0 "
    "else 1 end) = 1",
    "a leaking cast": f"select * from {T} where name::int > 0 and tenant_id = %(other)s",
    "a leaking sum": f"select * from {T} where tenant_id = %(other)s and 2147483647 + number > 0",
    "a lateral join": f"select * from {T} a, lateral (select * from {T} b where b.tenant_id <> a.tenant_id) c",
    "a recursive question": f"with recursive r as (select * from {T} union select t.* from {T} t, r) select * from r",
    "row comparison": f"select * from {T} where (tenant_id, name) > (%(other)s, '')",
    "exists": f"select exists (select from {T} where id = %(row)s), (select name from {T} where id = %(row)s)",
    "a row pointed to": f"insert into tenancy_member_departments select * from {T} where id = %(row)s",
    "a subscription": "listen anything; notify anything, 'x'",
    "jobs' channel": "select pg_notification_queue_usage(), pg_listening_channels()",
    "values of sequences": "select currval('procrastinate_jobs_id_seq')",
    "a last value": "select lastval()",
    "progress": "select * from pg_stat_progress_vacuum; select * from pg_stat_progress_copy",
    "a statement's cost": f"explain (analyze, verbose, settings) select * from {T} where tenant_id = %(other)s",
    "sessions' texts": "select pg_stat_get_backend_activity(b) from pg_stat_get_backend_idset() b",
    "replication": "select * from pg_stat_replication; select * from pg_replication_slots",
    "databases": "select * from pg_database; select * from pg_stat_database; select * from pg_roles",
    "log positions": "select pg_current_wal_lsn(), pg_last_committed_xact()",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_refused(app, two, statement):
    heard, went_through = said(app, statement, two)
    assert not went_through
    assert finds(heard, two, statement) == []


@pytest.mark.parametrize("statement", LOOKED_AT.values(), ids=LOOKED_AT)
def test_nothing_of_the_others_comes_back(app, two, statement):
    heard, _ = said(app, statement, two)
    assert finds(heard, two, statement) == []


def test_the_search_would_find_it(superuser, two):
    """The same search, by somebody whom no policy binds."""
    heard, went_through = said(
        superuser, f"select t.slug, d.* from {T} d join tenancy_tenant t on t.id = tenant_id", two
    )
    assert went_through
    assert len(finds(heard, two, "")) == 4


def test_copying_rows_out_gives_our_own(app, two):
    with app.cursor().copy(f"copy {T} to stdout") as copy:
        text = b"".join(bytes(part) for part in copy).decode()
    assert str(two.own) in text
    assert finds(text, two, "") == []


def test_copying_rows_in_is_refused(app):
    with pytest.raises(errors.FeatureNotSupported, match="row-level security"), app.transaction():
        app.execute(f"copy {T} from stdin")


def test_a_cursor_never_mixes_two_scopes(raw, two):
    """The policy's comparison is made once, when the first row is fetched, and holds for all that follow."""
    found = []
    with raw.transaction(force_rollback=True):
        backend = poolers.server_process(raw)
        for tenant in (two.own, UUID(two.theirs["other"])):
            text = ticket_for(system(tenant), backend=backend, now=time.time())
            raw.execute("select set_config('safehold.ticket', %s, true)", [text])
            if tenant == two.own:
                raw.execute(f"declare c cursor for select tenant_id from {T}")
            found += raw.execute("fetch 1 from c").fetchall()
    assert found == [(two.own,)] * 2


def test_a_snapshot_of_somebody_who_sees_all_shows_no_more(raw, superuser, two):
    with superuser.transaction():
        snapshot = superuser.execute("select pg_export_snapshot()").fetchone()[0]
        with raw.transaction(force_rollback=True):
            raw.execute("set transaction isolation level repeatable read")
            raw.execute(f"set transaction snapshot '{snapshot}'")
            text = ticket_for(system(two.own), backend=poolers.server_process(raw), now=time.time())
            raw.execute("select set_config('safehold.ticket', %s, true)", [text])
            assert {row[0] for row in raw.execute(f"select tenant_id from {T}")} == {two.own}
