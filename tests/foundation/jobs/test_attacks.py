"""SQL of one's own at the queue, as the app role in one tenant's transaction: nothing of another's comes of it."""

# ruff: noqa: S608  (statements put together from our own words)

from __future__ import annotations

import json
import time

import psycopg
import pytest
from psycopg import errors

from factories import system
from safehold.foundation.jobs import flows, selectors
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.transaction import scoped, ticket_for
from support import poolers

pytestmark = pytest.mark.usefixtures("installation")

T = "procrastinate_jobs"


@pytest.fixture
def app(raw, pair):
    """The app role's connection, in the first tenant's transaction."""
    with raw.transaction(force_rollback=True):
        text = ticket_for(system(pair[0]), backend=poolers.server_process(raw), now=time.time())
        raw.execute("select set_config('safehold.ticket', %s, true)", [text])
        yield raw


@pytest.fixture
def theirs(pair, task):
    """A job of the second tenant's that waits."""
    given = {"first": new_id(), "second": new_id()}
    with scoped(system(pair[1])) as scope:
        flows.queue_job(scope=scope, task=task, **given)
    return given


def everything(superuser):
    """All jobs and all that belongs to them."""
    return superuser.execute(
        "select (select jsonb_agg(j order by id) from procrastinate_jobs j), "
        "(select jsonb_agg(d) from procrastinate_periodic_defers d)"
    ).fetchone()


REFUSED = {
    "reading": f"select * from {T}",
    "counting": f"select count(*) from {T}",
    "asking whether": f"select exists (select from {T})",
    "by the whole row": f"select {T} from {T}",
    "by a function of the catalogue": f"select query_to_xml('select * from {T}', true, false, '')",
    "as text": f"select table_to_xml('{T}', true, false, '')",
    "copying": f"copy {T} to stdout",
    "a cursor": f"declare c cursor for select * from {T}",
    "a prepared plan": f"prepare p as select * from {T}; execute p",
    "estimates": f"explain select * from {T}",
    "locking": f"lock table {T}",
    "adding": f"insert into {T} (queue_name, task_name) values ('default', 'builtin:nothing')",
    "adding what scheduled jobs do": "insert into procrastinate_periodic_defers (task_name) values ('x')",
    "changing": f"update {T} set status = 'cancelled'",
    "changing for whom": f'update {T} set args = args || \'{{"tenant": "x"}}\'',
    "deleting": f"delete from {T}",
    "emptying": f"truncate {T} cascade",
    "merging": f"merge into {T} using (values (1)) v (n) on true when matched then delete",
    "events": "select * from procrastinate_events",
    "workers": "delete from procrastinate_workers",
    "the counter": "select nextval('procrastinate_jobs_id_seq')",
    "the counter's value": "select last_value from procrastinate_jobs_id_seq",
    "fetching": "select procrastinate_fetch_job_v2(null, 1)",
    "finishing": "select procrastinate_finish_job_v1(1, 'succeeded', true)",
    "cancelling": "select procrastinate_cancel_job_v1(1, true, true)",
    "trying again": "select procrastinate_retry_job_v2(1, now(), null, null, null)",
    "a worker of one's own": "select procrastinate_register_worker_v1()",
    "forgetting workers": "select procrastinate_prune_stalled_workers_v1(0)",
    "queueing past the door": "select procrastinate_defer_jobs_v1(array[row('default', 'x', 0, null, null, '{}', null)]"
    "::procrastinate_job_to_defer_v1[])",
    "scheduling": "select procrastinate_defer_periodic_job_v2('default', null, null, 'x', 0, '', 0, '{}')",
    "a trigger's function": "select procrastinate_unlink_periodic_defers_v1()",
    "the register": "select * from safehold.job_task",
    "a task of one's own": "insert into safehold.job_task values ('x', '{}')",
    "another door": "create or replace function safehold.job_list() returns int language sql as 'select 1'",
    "a trigger of one's own": f"create trigger t after insert on {T} execute function safehold.scope_kind()",
    "a policy": f"create policy p on {T} using (true)",
    "the queue's login": "set role safehold_queue",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_library_is_out_of_reach(app, theirs, superuser, statement):
    before = everything(superuser)
    with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)) as refused, app.transaction():
        app.execute(statement)
    said = f"{refused.value} {refused.value.diag.message_detail} {refused.value.diag.context}"
    assert not [value for value in theirs.values() if str(value) in said]
    assert everything(superuser) == before


LOOKED_AT = {
    "statistics": f"select * from pg_stats where tablename like 'procrastinate%' or tablename = '{T}'",
    "our own list": "select * from safehold.job_list()",
    "locks": "select * from pg_locks",
    "all as XML": "select schema_to_xml('public', true, false, '')",
}


@pytest.mark.parametrize("statement", LOOKED_AT.values(), ids=LOOKED_AT)
def test_nothing_of_theirs_is_told(app, theirs, pair, superuser, statement):
    superuser.execute(f"analyze {T}")
    try:
        with app.transaction():
            heard = str(app.execute(statement).fetchall())
    except psycopg.Error as error:
        heard = str(error)
    assert not [value for value in (*theirs.values(), pair[1].id) if str(value) in heard]


def door(app, task, tenant, ids):
    return app.execute("select safehold.job_queue(%s, %s, %s)", [task, tenant, ids]).fetchone()


ID = "01890000-0000-7000-8000-00000000beef"
GOOD = {"first": ID, "second": ID}
BAD_IDS = {
    "too few": {"first": ID},
    "too many": GOOD | {"third": ID},
    "another tenant": GOOD | {"tenant": ID},
    "another account": GOOD | {"asked_by": ID},
    "another's name": {"first": ID, "tenant": ID},
    "no id": GOOD | {"second": "x"},
    "a number": GOOD | {"second": 5},
    "nothing": GOOD | {"second": None},
    "more inside": GOOD | {"second": {"tenant": ID}},
    "an id and more": GOOD | {"second": f"{ID}\n"},
    "a list": [ID, ID],
    "a text": ID,
    "none": None,
}


@pytest.mark.parametrize("ids", BAD_IDS.values(), ids=BAD_IDS)
def test_a_job_carries_the_ids_of_its_task_alone(app, task, pair, superuser, ids):
    before = everything(superuser)
    with pytest.raises(errors.InsufficientPrivilege), app.transaction():
        door(app, task, pair[0].id, json.dumps(ids))
    assert everything(superuser) == before


def test_no_job_for_another_tenant_or_for_none(app, task, pair):
    for tenant in (pair[1].id, None):
        with pytest.raises(errors.InsufficientPrivilege, match="tenant of the scope alone"), app.transaction():
            door(app, task, tenant, json.dumps(GOOD))


@pytest.mark.parametrize(
    "name", ["tests.undeclared", "builtin:procrastinate.builtin_tasks.remove_old_jobs", "", None, "tests.%"]
)
def test_no_job_of_a_task_that_isnt_declared(app, task, pair, name):
    with pytest.raises(errors.InsufficientPrivilege, match="no such task"), app.transaction():
        door(app, name, pair[0].id, json.dumps(GOOD))


def test_the_platforms_own_jobs_cant_be_queued(app, pair):
    from procrastinate.contrib.django import app as jobs

    from safehold.foundation.jobs.tasks import registered

    others = set(jobs.tasks) - set(registered())
    assert any("prove_all" in name for name in others)
    for name in others:
        with pytest.raises(errors.InsufficientPrivilege, match="no such task"), app.transaction():
            door(app, name, pair[0].id, "{}")


@pytest.mark.parametrize("call", ["job_queue('x', null, '{}')", "job_list()", f"job_end('{ID}')"])
@pytest.mark.parametrize("ticket", ["", "forged"])
def test_no_door_opens_without_a_ticket(raw, call, ticket):
    with pytest.raises(errors.InsufficientPrivilege, match=r"no scope|not valid"), raw.transaction():
        raw.execute("select set_config('safehold.ticket', %s, true)", [ticket * 40])
        raw.execute(f"select safehold.{call}")


@pytest.mark.parametrize("role", ["sealer", "backup", "staff", "queue"])
@pytest.mark.parametrize("call", ["job_queue('x', null, '{}')", "job_list()", f"job_end('{ID}')"])
def test_no_other_login_may_knock(installation, role, call):
    from safehold.foundation.audit.statements import connect

    with connect(role) as other, pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
        other.execute(f"select safehold.{call}")


def test_nobody_is_told_of_a_job(raw, pair, task):
    """Every login may LISTEN: the library's channels would tell each tenant how busy the others are."""
    raw.execute('listen "procrastinate_any_queue_v1"')
    raw.execute('listen "procrastinate_queue_v1#default"')
    with scoped(system(pair[1])) as scope:
        flows.queue_job(scope=scope, task=task, first=new_id(), second=new_id())
    raw.execute("notify done")  # later than the job's, on a connection that hears both
    raw.execute("listen done")
    raw.execute("notify done")
    heard = [notify.channel for notify in raw.notifies(timeout=20, stop_after=1)]
    assert heard == ["done"]


def test_a_search_path_of_ones_own_changes_nothing(app, pair, task):
    app.execute("set local search_path = pg_temp, safehold, pg_catalog")
    assert door(app, task, pair[0].id, json.dumps(GOOD)) == (True,)
    assert [row[0] for row in app.execute("select ids ->> 'first' from safehold.job_list()")] == [ID]
    with scoped(system(pair[1])) as scope:
        assert ID not in [str(job.ids.get("first")) for job in selectors.jobs(scope)]
