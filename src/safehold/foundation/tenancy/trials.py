"""How this room's permissions are tried, on a canary tenant."""

from __future__ import annotations

from contextlib import suppress

from safehold.foundation.access.errors import NotInPlan
from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.access.plans import Feature
from safehold.foundation.access.trials import PlanTrial, Trial
from safehold.foundation.access.web import require
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows, selectors
from safehold.kernel.errors import NotFound
from safehold.kernel.ids import PLATFORM

__all__ = ["PLAN_TRIALS", "TRIALS"]


def _change_somebody(scope: Scope) -> None:
    """Comes as far as looking for a member who isn't there: an invitation would send a mail, which can't be undone."""
    with suppress(NotFound):
        flows.change_member(scope=scope, member_id=PLATFORM, role=Role.EMPLOYEE.value)


def _erase_somebody(scope: Scope) -> None:
    with suppress(NotFound):
        flows.erase_member(scope=scope, member_id=PLATFORM)


def _end_a_guest(scope: Scope) -> None:
    with suppress(NotFound):
        flows.end_guest(scope=scope, guest_id=PLATFORM)


def _read_settings(scope: Scope) -> object:
    require(scope, Permission.SETTINGS_READ)  # as the page does: the tenant's own row is no secret from members
    return selectors.tenant(scope)


TRIALS = (
    Trial(Permission.MEMBERS_READ, "list the members", lambda scope: list(selectors.members(scope)[:1])),
    Trial(Permission.MEMBERS_MANAGE, "change a member", _change_somebody),
    Trial(Permission.SUBJECTS_ERASE, "erase somebody's details", _erase_somebody),
    Trial(Permission.GUESTS_MANAGE, "end a guest's place", _end_a_guest),
    Trial(
        Permission.DEPARTMENTS_MANAGE,
        "add a department",
        lambda scope: flows.create_department(scope=scope, name="Trial"),
    ),
    Trial(Permission.SETTINGS_READ, "read the settings", _read_settings),
    Trial(
        Permission.SETTINGS_MANAGE,
        "change the language",
        lambda scope: flows.change_tenant(scope=scope, language="de"),
    ),
)


def _departments(scope: Scope, most: int) -> int | None:
    """Adds departments until there are more than any limit."""
    count = len(scope.departments)
    while count <= most:
        try:
            with scoped(selectors.system_scope(scope.tenant, "trial")) as inside:
                flows.create_department(scope=inside, name=f"Trial {count}")
        except NotInPlan:
            return count
        count += 1
    return None


PLAN_TRIALS = (
    PlanTrial(Feature.DEPARTMENTS, "add departments", _departments),
    PlanTrial(
        Feature.ACTIVITY_YEARS,
        "ask how long the activity is kept",
        lambda scope, _: selectors.plan_amount(scope, Feature.ACTIVITY_YEARS),
    ),
)
