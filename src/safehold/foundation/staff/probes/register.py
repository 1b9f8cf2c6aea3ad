"""ACC-4: the register names people, its grants have an owner, a reason and an end, and both logs tell of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from safehold.foundation.audit import selectors as audit
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.identity import selectors as identity
from safehold.foundation.scope.catalogue import audit as audit_catalogue
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import selectors
from safehold.foundation.staff.conf import SHARED_NAMES
from safehold.foundation.staff.models import Grant, StaffMember
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["acts_are_logged", "people_and_grants", "role_holds_only_reading"]

_MOST = 500


def people_and_grants(probe: ProbeContext) -> Finding:
    """No account of staff outside the register, nobody unnamed or shared, no grant without owner, reason and end."""
    platform = tenancy.platform_scope("prove")
    with scoped(platform):
        people = list(selectors.everybody(platform))
        grants = list(selectors.unended())
        accounts = identity.staff_accounts(platform)
    faults = [*_people(people, accounts), *_grants(people, grants)]
    evidence = {"staff": sum(each.left_at is None for each in people), "left": _left(people), "grants": len(grants)}
    if faults:
        return broken(f"{len(faults)} entries of the staff's register aren't as promised.", faults=faults, **evidence)
    shown = f"{evidence['staff']} people on the staff, {len(grants)} grants open or asked for"
    return kept(f"{shown}: each has a name, an owner, a reason and an end.", **evidence)


def _left(people: list[StaffMember]) -> int:
    return sum(each.left_at is not None for each in people)


def _people(people: list[StaffMember], accounts: dict[UUID, bool]) -> Iterator[str]:
    present = {each.account_id: each for each in people if each.left_at is None}
    names = Counter(each.name.casefold() for each in present.values())
    for account_id in accounts.keys() - present.keys():
        yield f"account {account_id} is staff's and not on the register"
    for key, each in present.items():
        if not accounts.get(key, False):
            yield f"account {key} is on the register and isn't an open account of staff"
        if " " not in each.name.strip() or not each.duty.strip():
            yield f"account {key} has no full name or no duty"
        if each.email.partition("@")[0] in SHARED_NAMES or names[each.name.casefold()] > 1:
            yield f"account {key} stands for more than one person"


def _grants(people: list[StaffMember], grants: list[Grant]) -> Iterator[str]:
    present = {each.account_id for each in people if each.left_at is None}
    moment = now()
    for row in grants:
        if row.account_id not in present:
            yield f"grant {row.id} belongs to nobody on the staff"
        if not row.case_number.strip() or not row.reason.strip() or not row.staff_name.strip():
            yield f"grant {row.id} has no case, no reason or no name"
        if row.until_at and (row.until_at - moment).total_seconds() > 720 * 60:
            yield f"grant {row.id} lasts longer than any may"
        if row.from_at and row.needs_approval and row.approved_by is None:
            yield f"grant {row.id} is open without the approval that its workspace wants"


def acts_are_logged(probe: ProbeContext) -> Finding:
    """What was done about each of the newest grants stands in the tenant's log and in the platform's, alike."""
    platform = tenancy.platform_scope("prove")
    with scoped(platform):
        rows = [view.row for view in selectors.grants(platform)]
    faults, events = [], 0
    for row in rows:
        theirs, ours = _told(tenancy.system_scope(row.tenant_id, "prove"), row), _told(platform, row)
        events += sum(ours.values())
        if theirs != ours:
            faults.append(f"grant {row.id}: the two logs tell differently")
        if missing := sorted(_due(row) - set(ours)):
            faults.append(f"grant {row.id}: nothing tells of {', '.join(missing)}")
    if faults:
        return broken(f"{len(faults)} acts of staff aren't told in both logs.", faults=faults, grants=len(rows))
    return kept(f"{events} events about {len(rows)} grants stand alike in both logs.", grants=len(rows), events=events)


def _told(scope: Scope, row: Grant) -> Counter[str]:
    with scoped(scope):
        found = audit.activity(scope=scope, filters=Filters(on=f"support:{row.id}"), limit=_MOST).events
    return Counter(each.type for each in found)


def _due(row: Grant) -> set[str]:
    told = {"support.asked": True, "support.opened": row.from_at, "support.refused": row.refused_at}
    return {name for name, due in {**told, "support.ended": row.ended_at}.items() if due}


def role_holds_only_reading(probe: ProbeContext) -> Finding:
    """The catalogue: staff's login reads by a grant of the moment, and holds nothing else."""
    found = audit_catalogue(("staff", "role"))
    if faults := [str(fault) for fault in found.faults]:
        return broken(f"{len(faults)} objects let staff do more than read by a grant.", faults=faults)
    return kept("Staff's login holds the right to read by a grant, and no other.", looked_at=dict(found.looked_at))
