"""The write paths of this room, for the check that each leaves its entry in the activity log."""

from __future__ import annotations

from safehold.foundation.audit.probes.writing import WriteProbe
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import events, flows, selectors

__all__ = ["WRITE_PROBES"]


def _settings(scope: Scope) -> None:
    flows.change_tenant(scope=scope, name=f"Canary {new_id().hex[-8:]}")


def _departments(scope: Scope) -> None:
    with scoped(selectors.system_scope(scope.tenant, "probe")) as inside:
        number = flows.create_department(scope=inside, name="Probe").number
    with scoped(selectors.system_scope(scope.tenant, "probe")) as inside:
        flows.rename_department(scope=inside, number=number, name="Probe, renamed")
        flows.delete_department(scope=inside, number=number)


def _members(scope: Scope) -> None:
    with scoped(selectors.system_scope(scope.tenant, "probe")) as inside:
        email = f"probe-{new_id().hex[-12:]}@canary.invalid"
        member = flows.invite_member(scope=inside, email=email, role="viewer")
        flows.join_member(scope=inside, member_id=member.id, account_id=new_id(), email=email, name="Probe")
        flows.change_member(scope=inside, member_id=member.id, role="employee")
        flows.remove_member(scope=inside, member_id=member.id)


WRITE_PROBES: tuple[WriteProbe, ...] = (
    WriteProbe("the workspace's settings", _settings, (events.TENANT_CHANGED,)),
    WriteProbe(
        "departments",
        _departments,
        (events.DEPARTMENT_CREATED, events.DEPARTMENT_RENAMED, events.DEPARTMENT_DELETED),
    ),
    WriteProbe(
        "members",
        _members,
        (events.MEMBER_INVITED, events.MEMBER_JOINED, events.MEMBER_CHANGED, events.MEMBER_REMOVED),
    ),
)
