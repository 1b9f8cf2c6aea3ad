"""ACC-8: a canary is put on each plan and tries to have each feature, in transactions that are undone."""

from __future__ import annotations

from uuid import UUID

from django.db import DatabaseError, transaction

from safehold.foundation.access.plans import PLANS, Amount, Feature, Plan, in_words
from safehold.foundation.access.trials import PlanTrial, plan_trials
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows, selectors
from safehold.kernel.errors import SafeholdError
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["check_plans"]


def check_plans(probe: ProbeContext) -> Finding:
    """Every feature on every plan: what a canary really gets, beside what the table says."""
    tried, wrong, faults = 0, [], []
    ours = plan_trials()
    for plan in Plan:
        for trial in ours:
            tried += 1
            expected = PLANS[plan][trial.feature]
            try:
                found = _found(probe.left, plan, trial)
            except (SafeholdError, DatabaseError, LookupError) as error:
                faults.append(f"{plan.value}, {trial.name}: failed with {type(error).__name__}")
                continue
            if found is not expected and found != expected:
                wrong.append(f"{plan.value}, {trial.name}: {in_words(found)} instead of {in_words(expected)}")
    evidence = {"tries": tried, "trials": [f"{trial.feature.value}: {trial.name}" for trial in ours]}
    if wrong or faults:
        return broken(f"{len(wrong + faults)} of {tried} tries didn't go as the plans say.", wrong=wrong, faults=faults)
    if missing := sorted(set(Feature) - {trial.feature for trial in ours}):
        return unproven(f"{len(missing)} features have no way to be tried.", untried=missing, **evidence)
    return kept(f"{tried} tries, every feature on every plan, went as the plans say.", **evidence)


def _found(tenant_id: UUID, plan: Plan, trial: PlanTrial) -> Amount:
    limits = [has for table in PLANS.values() if isinstance(has := table[trial.feature], int)]
    platform = selectors.platform_scope("prove")
    with scoped(selectors.system_scope(tenant_id, "prove")) as inside:
        slug = selectors.tenant(inside).slug
    with scoped(platform):
        flows.change_plan(scope=platform, slug=slug, plan=plan.value)
        with scoped(selectors.system_scope(tenant_id, "prove")) as inside:
            found = trial.run(inside, max(limits, default=0))
        transaction.set_rollback(True)
    return found
