"""What depends on the plan: data, one gate, a check that tries every plan, and nothing deleted by a smaller one."""

from __future__ import annotations

import pytest

from factories import PLATFORM_SCOPE, make_tenant, system
from safehold.foundation.access import plans
from safehold.foundation.access.errors import NotInPlan
from safehold.foundation.access.matrix import Role
from safehold.foundation.access.plans import PLANS, Feature, Plan
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import ProbeContext, Result
from support.callers import Caller

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def check(installation):
    from safehold.foundation.tenancy import selectors
    from safehold.foundation.tenancy.plan_check import check_plans

    return lambda: check_plans(ProbeContext(now(), *selectors.canaries()))


def move(tenant, plan: Plan):
    from safehold.foundation.tenancy import flows

    with scoped(PLATFORM_SCOPE):
        flows.change_plan(scope=PLATFORM_SCOPE, slug=tenant.slug, plan=plan.value)


def test_every_plan_says_something_about_every_feature():
    assert set(PLANS) == set(Plan)
    for table in PLANS.values():
        assert set(table) == set(Feature) == set(plans.TITLES)


@pytest.mark.parametrize("feature", Feature)
def test_a_larger_plan_never_has_less(feature):
    for smaller, larger in zip(Plan, list(Plan)[1:], strict=False):
        assert feature.value not in str(plans.lessened(smaller, larger))
        assert plans.lessened(smaller, larger) == []


@pytest.mark.parametrize(
    ("plan", "feature", "used", "refused"),
    [
        ("starter", Feature.DEPARTMENTS, 2, False),
        ("starter", Feature.DEPARTMENTS, 3, True),
        ("starter", Feature.DEPARTMENTS, 9, True),
        ("enterprise", Feature.DEPARTMENTS, 10_000, False),
        ("starter", Feature.API_TOKENS, 0, True),
        ("professional", Feature.API_TOKENS, 50, False),
    ],
)
def test_the_gate(plan, feature, used, refused):
    assert (plans.refusal(plan, feature, used) is not None) is refused


def test_a_refusal_says_which_plan_has_it_and_who_can_change_it():
    refused = plans.refusal("starter", Feature.DEPARTMENTS, 3)
    assert refused.message == "The plan Starter has 3 departments, and this workspace uses 3."
    assert "More is part of Professional (20) and Enterprise (no limit)." in refused.hint
    assert "Whoever runs this installation" in refused.hint
    assert (refused.status, refused.code, refused.permission) == (403, "not-in-plan", "plan:departments")


def test_a_smaller_plan_deletes_nothing_and_adds_nothing():
    from safehold.foundation.tenancy import flows, selectors

    tenant = make_tenant(plan="professional", departments=("One", "Two", "Three", "Four"))
    move(tenant, Plan.STARTER)
    with scoped(system(tenant)) as scope:
        assert [row.name for row in selectors.departments(scope)] == ["General", "One", "Two", "Three", "Four"]
        flows.rename_department(scope=scope, number=4, name="Still ours")
        with pytest.raises(NotInPlan):
            flows.create_department(scope=scope, name="Five")


def test_tokens_rest_while_the_plan_has_none():
    caller = Caller(make_tenant(plan="professional"), Role.OWNER)
    assert caller.call("GET", "workspace").status_code == 200
    move(caller.tenant, Plan.STARTER)
    refused = caller.call("GET", "workspace")
    assert (refused.status_code, refused.data["code"]) == (403, "not-in-plan")
    assert "They are part of Professional and Enterprise." in refused.data["hint"]
    move(caller.tenant, Plan.PROFESSIONAL)
    assert caller.call("GET", "workspace").status_code == 200


def test_every_plan_goes_as_the_table_says(check):
    from safehold.foundation.access.trials import plan_trials

    finding = check()
    assert finding.result is Result.KEPT, finding
    assert finding.evidence["tries"] == len(Plan) * len(plan_trials())


@pytest.mark.parametrize(
    ("gate", "wrong"),
    [
        (lambda *_, **__: None, "starter, issue a token: yes instead of no"),
        (lambda *_, **__: None, "professional, add departments: no limit instead of 20"),
        (lambda *_, **__: NotInPlan(), "enterprise, issue a token: no instead of yes"),
        (lambda *_, **__: NotInPlan(), "enterprise, add departments: 2 instead of no limit"),
    ],
)
def test_a_plan_that_is_given_too_much_or_too_little_is_seen(check, monkeypatch, gate, wrong):
    from safehold.foundation.tenancy import selectors

    monkeypatch.setattr(selectors, "plan_refusal", gate)
    finding = check()
    assert finding.result is Result.BROKEN
    assert wrong in finding.evidence["wrong"]


def test_a_flow_that_forgets_to_ask_is_seen(check, monkeypatch):
    from safehold.foundation.identity.flows import api_tokens

    monkeypatch.setattr(api_tokens.tenancy, "require_feature", lambda *_, **__: None)
    assert "starter, issue a token: yes instead of no" in check().evidence["wrong"]


def test_years_that_differ_are_seen(check, monkeypatch):
    from safehold.foundation.tenancy import selectors

    monkeypatch.setattr(selectors, "plan_amount", lambda *_: 7)
    assert "starter, ask how long the activity is kept: 7 instead of 1" in check().evidence["wrong"]


def test_a_feature_that_nobody_tries_leaves_it_unproven(check, monkeypatch):
    from safehold.foundation.tenancy import plan_check

    monkeypatch.setattr(plan_check, "plan_trials", list)
    assert check().result is Result.UNPROVEN


def test_the_trials_leave_nothing(check):
    from safehold.foundation.tenancy import selectors

    check()
    for tenant_id in selectors.canaries():
        with scoped(selectors.system_scope(tenant_id, "test")) as scope:
            assert selectors.tenant(scope).plan == "enterprise"
            assert not [row for row in selectors.departments(scope) if row.name.startswith("Trial")]
