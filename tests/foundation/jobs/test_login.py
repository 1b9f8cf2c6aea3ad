"""The queue's own login keeps the queue and nothing else; a home that was made otherwise is put right."""

from __future__ import annotations

import pytest
from psycopg import errors

from safehold.foundation.scope.catalogue import audit

pytestmark = pytest.mark.usefixtures("installation")


def refuse(installation):
    from safehold.foundation.jobs.login import refuse_unsafe_queue

    refuse_unsafe_queue(installation)


def test_it_is_safe_as_provisioned(installation):
    refuse(installation)


@pytest.mark.parametrize(
    ("break_it", "repair", "says"),
    [
        ("alter role {} superuser", "alter role {} nosuperuser", "attribute SUPERUSER"),
        ("alter role {} bypassrls", "alter role {} nobypassrls", "attribute BYPASSRLS"),
        ("grant safehold_owner to {}", "revoke safehold_owner from {}", "safehold_queue → safehold_owner"),
        ("grant safehold_app to {}", "revoke safehold_app from {}", "safehold_queue → safehold_app"),
        (
            "create table public.mine (a int); alter table public.mine owner to {}",
            "drop table public.mine",
            "it owns 1 object(s)",
        ),
        (
            "grant truncate on procrastinate_jobs to {}",
            "revoke truncate on procrastinate_jobs from {}",
            "TRUNCATE on procrastinate_jobs",
        ),
        (
            "grant select on tenancy_member to {}",
            "revoke select on tenancy_member from {}",
            "it holds SELECT on tenancy_member, which is not the job queue's",
        ),
        (
            "grant update (email) on identity_account to {}",
            "revoke update (email) on identity_account from {}",
            "it holds UPDATE on identity_account",
        ),
        ("grant delete on audit_event to {}", "revoke delete on audit_event from {}", "it holds DELETE on audit_event"),
        (
            "grant usage on schema safehold to {}",
            "revoke usage on schema safehold from {}",
            "it may use the schema safehold",
        ),
        (
            "grant execute on function safehold.job_list() to {}",
            "revoke execute on function safehold.job_list() from {}",
            "it may call job_list",
        ),
    ],
)
def test_an_unsafe_one_is_refused(installation, superuser, break_it, repair, says):
    from safehold.foundation.scope.errors import UnsafeDatabase

    superuser.execute(break_it.format("safehold_queue"))
    try:
        with pytest.raises(UnsafeDatabase) as refused:
            refuse(installation)
    finally:
        superuser.execute(repair.format("safehold_queue"))
    assert says in str(refused.value)
    refuse(installation)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from tenancy_member",
        "select * from identity_account",
        "select * from audit_event",
        "select * from safehold.ticket_key",
        "select safehold.scope_tenant()",
        "insert into safehold.job_task values ('x', '{}')",
        "update procrastinate_jobs set args = '{}'",
        "update procrastinate_jobs set task_name = 'x'",
        "select * from procrastinate_events",
        "truncate procrastinate_jobs cascade",
        "create table mine (a int)",
        "create temp table mine (a int)",
        "set role safehold_app",
    ],
)
def test_it_does_nothing_else(queue, statement):
    with pytest.raises(errors.InsufficientPrivilege):
        queue.execute(statement)


@pytest.mark.usefixtures("owner")
def test_a_home_that_gave_the_app_its_rights_is_put_right(raw, superuser):
    """As an earlier Safehold left it; a task that no room declares any more goes too."""
    from safehold.foundation.jobs.settling import settle_queue
    from safehold.foundation.scope.boot import role_faults

    superuser.execute(
        "grant all on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers "
        "to safehold_app; grant select (args) on procrastinate_jobs to safehold_backup; "
        "grant all on sequence procrastinate_jobs_id_seq to safehold_app; "
        "grant execute on all functions in schema public to safehold_app; "
        "grant update on procrastinate_jobs to safehold_queue; "
        "alter table procrastinate_jobs enable trigger all; "
        "insert into safehold.job_task values ('tests.gone', '{}')"
    )
    assert len(audit(["queue"]).faults) > 20
    settle_queue()
    assert [str(fault) for fault in audit().faults] == []
    assert role_faults(raw, "safehold_app") == []
    tasks = superuser.execute("select name from safehold.job_task order by 1").fetchall()
    assert tasks == [("records.import",)]
    assert superuser.execute(
        "select has_any_column_privilege('safehold_queue', 'procrastinate_jobs', 'UPDATE'), "
        "has_column_privilege('safehold_queue', 'procrastinate_jobs', 'args', 'UPDATE')"
    ).fetchone() == (True, False)


def test_through_a_pooler_nothing_is_prepared(installation):
    from dataclasses import replace

    from safehold.foundation.jobs import login

    with login.connect(replace(installation, pooled=True)) as connection:
        assert connection.prepare_threshold is None
    with login.connect(installation) as connection:
        assert connection.prepare_threshold is not None
