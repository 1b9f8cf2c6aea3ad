"""The check of the queue sees it closed, and sees it open when it is opened on purpose."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from safehold.foundation.scope.clock import now
from safehold.kernel.promise import ProbeContext, Result

COUNTER = "sequence procrastinate_jobs_id_seq"
CANCEL = "function procrastinate_cancel_job_v1"

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def run(installation):
    from safehold.foundation.jobs.promises import CHECKS
    from safehold.foundation.tenancy.selectors import canaries

    (check,) = CHECKS
    return lambda: check.run(ProbeContext(now(), *canaries()))


@contextmanager
def broken_by(superuser, break_it, repair):
    superuser.execute(break_it)
    try:
        yield
    finally:
        superuser.execute(repair)


def test_it_is_kept_and_leaves_nothing(run, superuser):
    before = superuser.execute("select count(*) from procrastinate_jobs").fetchone()
    found = run()
    assert found.result is Result.KEPT, found
    assert found.evidence["attempts"] > 30
    assert superuser.execute("select count(*) from procrastinate_jobs").fetchone() == before


@pytest.mark.parametrize(
    ("break_it", "repair", "says"),
    [
        (
            "grant select on procrastinate_jobs to safehold_app",
            "revoke select on procrastinate_jobs from safehold_app",
            "count rows of procrastinate_jobs",
        ),
        (
            "grant select, update on procrastinate_jobs to safehold_app",
            "revoke select, update on procrastinate_jobs from safehold_app",
            "change rows of procrastinate_jobs",
        ),
        (
            "grant delete on procrastinate_workers to safehold_app",
            "revoke delete on procrastinate_workers from safehold_app",
            "delete rows of procrastinate_workers",
        ),
        (
            f"grant insert on procrastinate_jobs to safehold_app; grant usage on {COUNTER} to safehold_app",
            f"revoke insert on procrastinate_jobs from safehold_app; revoke usage on {COUNTER} from safehold_app",
            "add rows of procrastinate_jobs",
        ),
        (
            "grant select on sequence procrastinate_jobs_id_seq to safehold_app",
            "revoke select on sequence procrastinate_jobs_id_seq from safehold_app",
            "read procrastinate_jobs_id_seq",
        ),
        (
            f"grant execute on {CANCEL} to safehold_app; alter {CANCEL} security definer",
            f"revoke execute on {CANCEL} from safehold_app; alter {CANCEL} security invoker",
            "call procrastinate_cancel_job_v1",
        ),
    ],
)
def test_a_right_too_many_breaks_it(run, superuser, break_it, repair, says):
    with broken_by(superuser, break_it, repair):
        found = run()
    assert found.result is Result.BROKEN
    assert any(says in what for what in found.evidence["through"]), found
    assert run().result is Result.KEPT


@pytest.mark.parametrize(
    ("function", "without", "says"),
    [
        ("job_queue(text, uuid, jsonb)", "tenant is distinct from own", "queue a job for another tenant"),
        ("job_queue(text, uuid, jsonb)", "given is distinct from needed", "name another tenant among a job's ids"),
        ("job_list()", "j.args ->> 'tenant' = own", "read another tenant's job"),
        ("job_end(uuid)", "j.args ->> 'tenant' = own", "end another tenant's job"),
    ],
)
def test_a_door_that_forgets_to_ask_breaks_it(run, superuser, function, without, says):
    (right,) = superuser.execute("select pg_get_functiondef(%s::regprocedure)", [f"safehold.{function}"]).fetchone()
    assert without in right
    wrong = right.replace(without, "false" if "distinct" in without else "true")
    if "given" in without:
        wrong = wrong.replace("(select count(*) from jsonb_object_keys(ids)) <> cardinality(needed)", "false")
    with broken_by(superuser, wrong, right):
        found = run()
    assert found.result is Result.BROKEN
    assert says in found.evidence["through"], found
    assert run().result is Result.KEPT
