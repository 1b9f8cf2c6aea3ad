"""A tenant's scope queues, sees and ends its own jobs, in its own transaction, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction

from factories import PLATFORM_SCOPE, make_member, scope_of, system
from safehold.foundation.jobs import flows, selectors
from safehold.foundation.jobs.selectors import Job
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Denied

pytestmark = pytest.mark.usefixtures("installation")


def ids():
    return {"first": new_id(), "second": new_id()}


def listed(tenant):
    with scoped(system(tenant)) as scope:
        return selectors.jobs(scope)


def queued(scope, task, given):
    with scoped(scope):
        return flows.queue_job(scope=scope, task=task, **given)


def test_a_job_carries_its_ids_and_who_asked(pair, task, superuser):
    given, scope = ids(), replace(system(pair[0]), account_id=new_id())
    assert queued(scope, task, given)
    assert Job(task, given, scope.account_id, "todo") in listed(pair[0])
    (args,) = superuser.execute(
        "select args from procrastinate_jobs where args ->> 'first' = %s", [str(given["first"])]
    ).fetchone()
    stamped = {"tenant": str(pair[0].id), "asked_by": str(scope.account_id)}
    assert args == {key: str(value) for key, value in given.items()} | stamped


def test_a_process_asks_for_nobody(pair, task):
    given = ids()
    queued(system(pair[0]), task, given)
    assert Job(task, given, None, "todo") in listed(pair[0])


def test_it_is_stored_with_its_transaction_or_not_at_all(pair, task):
    given = ids()
    with pytest.raises(RuntimeError), scoped(system(pair[0])) as scope:
        flows.queue_job(scope=scope, task=task, **given)
        assert given in [job.ids for job in selectors.jobs(scope)]
        raise RuntimeError
    assert given not in [job.ids for job in listed(pair[0])]


def test_the_same_job_waits_once_and_another_tenants_is_another(pair, task):
    given = ids()
    assert queued(system(pair[0]), task, given)
    assert not queued(system(pair[0]), task, given)
    assert queued(system(pair[1]), task, given)
    for tenant in pair:
        assert [job.ids for job in listed(tenant)].count(given) == 1


def test_nobody_sees_or_ends_another_tenants_jobs(pair, task):
    given, account = ids(), new_id()
    mine, theirs = (replace(system(tenant), account_id=account) for tenant in pair)
    queued(theirs, task, given)
    with scoped(mine):
        assert given not in [job.ids for job in selectors.jobs(mine)]
        assert flows.end_jobs(scope=mine, account=account) == 0
    assert given in [job.ids for job in listed(pair[1])]


def test_jobs_end_by_who_asked_for_them(pair, task):
    ours, others = ids(), ids()
    mine, colleague = (replace(system(pair[0]), account_id=new_id()) for _ in range(2))
    queued(mine, task, ours)
    queued(colleague, task, others)
    with scoped(system(pair[0])) as scope:
        assert flows.end_jobs(scope=scope, account=mine.account_id) == 1
    left = [job.ids for job in listed(pair[0])]
    assert ours not in left
    assert others in left


def test_a_job_that_runs_is_let_go_on(pair, task, superuser):
    given, scope = ids(), replace(system(pair[0]), account_id=new_id())
    queued(scope, task, given)
    superuser.execute(
        "update procrastinate_jobs set status = 'doing' where args ->> 'first' = %s", [str(given["first"])]
    )
    with scoped(scope):
        assert flows.end_jobs(scope=scope, account=scope.account_id) == 0
    assert Job(task, given, scope.account_id, "doing") in listed(pair[0])


@pytest.mark.parametrize("change", ["another role", "left", "left by themselves", "account closed"])
def test_what_somebody_asked_for_ends_with_their_rights_and_in_that_transaction(pair, task, change):
    from safehold.foundation.identity.signals import account_closed
    from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy

    member = make_member(pair[0], "employee")
    with scoped(system(pair[0])) as scope:
        acting = tenancy.scope_of_member(scope=scope, member_id=member.id)
    given = ids()
    queued(acting, task, given)

    def end(scope):
        if change == "another role":
            tenancy_flows.change_member(scope=scope, member_id=member.id, role="viewer")
        elif change == "account closed":
            account_closed.send(sender=None, scope=scope, account=member.account_id, inside=[acting])
        else:
            tenancy_flows.remove_member(scope=scope, member_id=member.id)

    who = acting if change == "left by themselves" else system(pair[0])
    with pytest.raises(RuntimeError), scoped(who) as scope:
        end(scope)
        raise RuntimeError
    assert given in [job.ids for job in listed(pair[0])]
    with scoped(who) as scope:
        end(scope)
        assert given not in [job.ids for job in selectors.jobs(scope)]
    assert given not in [job.ids for job in listed(pair[0])]


def test_a_tenant_is_needed(pair, task):
    with scoped(PLATFORM_SCOPE):
        for refused in (
            lambda: flows.queue_job(scope=PLATFORM_SCOPE, task=task, **ids()),
            lambda: flows.end_jobs(scope=PLATFORM_SCOPE, account=new_id()),
            lambda: selectors.jobs(PLATFORM_SCOPE),
        ):
            with pytest.raises(Denied):
                refused()


def test_a_scope_that_isnt_the_transactions_is_refused(pair, task):
    with pytest.raises(DatabaseError, match="for the tenant of the scope alone"), scoped(system(pair[0])):
        flows.queue_job(scope=system(pair[1]), task=task, **ids())


def test_any_role_may_queue_what_its_flow_lets_it(pair, task):
    assert queued(scope_of(pair[0], "viewer"), task, ids())


def test_numbers_of_jobs_stay_unknown(pair, task):
    """They are counted through all tenants."""
    with scoped(system(pair[0])) as scope, connection.cursor() as cursor:
        flows.queue_job(scope=scope, task=task, **ids())
        with pytest.raises(DatabaseError, match="permission denied for sequence"), transaction.atomic():
            cursor.execute("select lastval()")


def test_tasks_are_declared_as_they_can_be_run():
    from safehold.foundation.jobs.tasks import registered, tenant_task

    with pytest.raises(TypeError, match="should take context, tenant and ids"):
        tenant_task(name="tests.wrong")(lambda tenant: tenant)
    assert "tests.wrong" not in registered()
    assert registered()["records.import"] == ("import_id",)
