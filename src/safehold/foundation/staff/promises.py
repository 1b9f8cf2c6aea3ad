"""Checks of what the security page says about staff. The promises themselves stand in access."""

from __future__ import annotations

from safehold.foundation.audit.probes.writing import WriteProbe
from safehold.foundation.scope.scope import Scope
from safehold.foundation.staff import events, flows, selectors
from safehold.foundation.staff.probes.door import grants_open_and_close, nothing_without_a_grant, tenant_is_told
from safehold.foundation.staff.probes.leaving import changes_end_what_was_open, nothing_outlives_a_departure
from safehold.foundation.staff.probes.provokers import PROVOKERS
from safehold.foundation.staff.probes.register import acts_are_logged, people_and_grants, role_holds_only_reading
from safehold.kernel.promise import Check

__all__ = ["CHECKS", "PROVOKERS", "WRITE_PROBES"]

CHECKS: tuple[Check, ...] = (
    Check("ACC-4", "people and grants of the register", people_and_grants),
    Check("ACC-4", "acts of staff stand in both logs", acts_are_logged),
    Check("ACC-4", "what the staff's login holds", role_holds_only_reading),
    Check("ACC-5", "staff without a grant ask for every row", nothing_without_a_grant),
    Check("ACC-5", "grants of every kind at the door", grants_open_and_close),
    Check("ACC-5", "a workspace is told when staff come", tenant_is_told),
    Check("ACC-6", "nothing outlives a departure", nothing_outlives_a_departure),
    Check("ACC-6", "a role changes while things are open", changes_end_what_was_open),
)


def _switch(scope: Scope) -> None:
    flows.require_approval(scope=scope, needed=not selectors.needs_approval(scope))


WRITE_PROBES: tuple[WriteProbe, ...] = (
    WriteProbe("whether support access needs approval", _switch, (events.SUPPORT_CONSENT,)),
)
