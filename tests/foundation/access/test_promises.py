"""ACC-1 is proved by trying every cell, and a wrong cell is seen."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.urls import path

from factories import PLATFORM_SCOPE
from safehold.foundation.access import trials as access_trials
from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.access.trials import Trial
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import ProbeContext, Result


@pytest.fixture(scope="module")
def probe(installation) -> ProbeContext:
    from safehold.foundation.tenancy import flows

    with scoped(PLATFORM_SCOPE):
        return ProbeContext(now(), *flows.ensure_canaries(scope=PLATFORM_SCOPE))


@pytest.fixture
def matrix(probe):
    from safehold.foundation.tenancy import promises

    return lambda: promises.check_matrix(probe)


def tenancy_trials() -> list[Trial]:
    from safehold.foundation.tenancy.trials import TRIALS

    return list(TRIALS)


def test_every_cell_goes_as_the_matrix_says(matrix):
    finding = matrix()
    assert finding.result is Result.KEPT, finding
    assert finding.evidence["cells"] == len(Role) * len(access_trials.trials())
    assert access_trials.untried(access_trials.trials()) == []


def test_a_guard_that_lets_everybody_pass_is_seen(matrix, monkeypatch):
    from safehold.foundation.scope.scope import Scope

    monkeypatch.setattr(Scope, "require", lambda *_: None)
    finding = matrix()
    assert finding.result is Result.BROKEN
    wrong = "viewer, tenancy:members:read (list the members): allowed instead of refused"
    assert wrong in finding.evidence["wrong"]


def test_a_guard_that_refuses_whom_the_matrix_allows_is_seen(matrix, monkeypatch):
    from safehold.foundation.tenancy import promises

    monkeypatch.setattr(promises, "can", lambda *_: True)
    finding = matrix()
    assert finding.result is Result.BROKEN
    assert "viewer, tenancy:members:manage (change a member): refused instead of allowed" in finding.evidence["wrong"]


def test_a_trial_that_fails_is_seen(matrix, monkeypatch):
    from safehold.foundation.tenancy import promises

    faulty = Trial(Permission.MEMBERS_READ, "stumbles", lambda _: {}["nothing"])
    monkeypatch.setattr(promises, "trials", lambda: [*tenancy_trials(), faulty])
    finding = matrix()
    assert finding.result is Result.BROKEN
    assert "failed with KeyError" in str(finding.evidence["faults"])


def test_a_permission_that_nobody_tries_leaves_it_unproven(matrix, monkeypatch):
    from safehold.foundation.tenancy import promises

    monkeypatch.setattr(promises, "trials", tenancy_trials)
    finding = matrix()
    assert finding.result is Result.UNPROVEN
    assert "records:records:read" in finding.evidence["untried"]


def test_the_trials_leave_nothing(matrix, probe):
    from safehold.foundation.tenancy import selectors

    matrix()
    with scoped(selectors.system_scope(probe.left, "test")) as scope:
        assert "Trial" not in {row.name for row in selectors.departments(scope)}
        assert selectors.tenant(scope).language == "en-gb"


def test_a_database_that_takes_other_roles_is_seen(probe, superuser):
    from safehold.foundation.tenancy import promises

    assert promises.check_stored_roles(probe).result is Result.KEPT
    (rule,) = superuser.execute(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'tenancy_member_role'"
    ).fetchone()
    superuser.execute("alter table tenancy_member drop constraint tenancy_member_role")
    try:
        finding = promises.check_stored_roles(probe)
    finally:
        superuser.execute(f"alter table tenancy_member add constraint tenancy_member_role {rule}")
    assert finding.result is Result.BROKEN
    assert "superadmin" in finding.evidence["taken"]


def test_a_silent_page_is_seen(probe, monkeypatch):
    from safehold.foundation.access import promises

    assert promises.check_pages(probe).result is Result.KEPT

    def silent(request) -> HttpResponse:
        return HttpResponse()

    monkeypatch.setattr(promises, "get_resolver", lambda: SimpleNamespace(url_patterns=[path("silent/", silent)]))
    finding = promises.check_pages(probe)
    assert (finding.result, finding.evidence["addresses"]) == (Result.BROKEN, ["silent/"])


def test_the_promises_are_one_to_eight():
    from safehold.foundation.access.promises import PROMISES

    assert [promise.id for promise in PROMISES] == [f"ACC-{number}" for number in range(1, 9)]
