"""Checks of what the security page says about roles. The promises themselves stand in access."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import DatabaseError, transaction

from safehold.foundation.access.matrix import Role, can
from safehold.foundation.access.trials import Trial, trials, untried
from safehold.foundation.scope.probes import expect_refusal
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors
from safehold.foundation.tenancy.guest_check import check_guests
from safehold.foundation.tenancy.plan_check import check_plans
from safehold.foundation.tenancy.probes import WRITE_PROBES
from safehold.kernel.errors import Denied, SafeholdError
from safehold.kernel.promise import Check, Finding, ProbeContext, broken, kept, unproven

__all__ = ["CHECKS", "WRITE_PROBES"]


@dataclass(slots=True)
class _Tried:
    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def check_matrix(probe: ProbeContext) -> Finding:
    """For every role a member of a canary tenant tries every permission for real; each try is undone."""
    tried = _Tried()
    ours = trials()
    for role, scope in _scopes(probe.left).items():
        for trial in ours:
            tried.cells += 1
            _compare(role, trial, _outcome(scope, trial), tried)
    missing = [permission.value for permission in untried(ours)]
    evidence = {"cells": tried.cells, "trials": [f"{trial.permission}: {trial.name}" for trial in ours]}
    if tried.wrong or tried.faults:
        summary = f"{len(tried.wrong + tried.faults)} of {tried.cells} tries didn't go as the matrix says."
        return broken(summary, wrong=tried.wrong, faults=tried.faults, **evidence)
    if missing:
        return unproven(f"{len(missing)} permissions have no way to be tried.", untried=missing, **evidence)
    return kept(f"{tried.cells} tries, every role at every permission, went as the matrix says.", **evidence)


def check_stored_roles(probe: ProbeContext) -> Finding:
    """The database takes the seven roles of the matrix and no other."""
    taken = [role for role in [*Role, "superadmin", ""] if _takes(probe.left, str(role))]
    if taken != list(Role):
        return broken("The database takes other roles than the matrix has.", taken=[str(role) for role in taken])
    return kept("The database takes the seven roles and no other.", roles=[role.value for role in Role])


CHECKS = (
    Check("ACC-1", "matrix", check_matrix),
    Check("ACC-1", "stored-roles", check_stored_roles),
    Check("ACC-6", "guests", check_guests),
    Check("ACC-8", "plans", check_plans),
)


def _scopes(tenant_id: UUID) -> dict[Role, Scope]:
    """A real member's scope for each role, without limits to departments."""
    with scoped(selectors.system_scope(tenant_id, "prove")) as inside:
        members = {Role(row.role): row for row in selectors.members(inside) if not row.departments}
        return {role: selectors.scope_of_member(scope=inside, member_id=members[role].id) for role in Role}


def _outcome(scope: Scope, trial: Trial) -> str:
    """Try it and undo it: "allowed", "refused", or what went wrong."""
    try:
        with scoped(scope):
            trial.run(scope)
            transaction.set_rollback(True)
    except Denied:
        return "refused"
    except (SafeholdError, DatabaseError, LookupError) as error:
        return f"failed with {type(error).__name__}"
    return "allowed"


def _compare(role: Role, trial: Trial, outcome: str, tried: _Tried) -> None:
    expected = "allowed" if can(role, trial.permission) else "refused"
    if outcome == expected:
        return
    told = f"{role.value}, {trial.permission.value} ({trial.name}): {outcome} instead of {expected}"
    (tried.faults if outcome.startswith("failed") else tried.wrong).append(told)


def _takes(tenant_id: UUID, role: str) -> bool:
    try:
        with scoped(selectors.system_scope(tenant_id, "prove")) as inside:
            expect_refusal()
            selectors.members(inside).update(role=role)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True
