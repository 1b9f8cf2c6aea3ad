"""ACC-6: an import that waits when its sender's role changes never runs. Tried on a canary, and undone."""

from __future__ import annotations

from django.db import transaction

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy
from safehold.kernel.promise import Finding, ProbeContext, broken, kept
from safehold.workspace.records import canary, flows, selectors
from safehold.workspace.records.importing.options import ImportOptions

__all__ = ["waiting_imports_end"]


def waiting_imports_end(probe: ProbeContext) -> Finding:
    """A canary's manager queues an import and loses the role in the same transaction: the import has to be over."""
    system = tenancy.system_scope(probe.left, "prove")
    with scoped(system):
        states = {what: _state_after(system, what) for what in ("changed role", "left")}
        transaction.set_rollback(True)
    if going_on := sorted(what for what, state in states.items() if state != "failed"):
        return broken(f"An import waits on although its sender {going_on[0]}.", states=states)
    return kept("An import that waited was over when its sender changed role, and when they left.", states=states)


def _state_after(system: Scope, what: str) -> str:
    member = next(row for row in tenancy.members(system) if row.role == Role.MANAGER and not row.departments)
    with transaction.atomic():
        acting = tenancy.scope_of_member(scope=system, member_id=member.id)
        with scoped(acting):
            options = ImportOptions(without=("confidential", "personal", "sensitive"))
            data = b"code,remark\nprobe,probe\n"
            import_id = flows.keep_file(
                scope=acting, collection=canary.COLLECTION, filename="probe.csv", data=data, options=options
            )
            flows.queue_import(scope=acting, import_id=import_id)
        if what == "left":
            tenancy_flows.remove_member(scope=system, member_id=member.id)
        else:
            tenancy_flows.change_member(scope=system, member_id=member.id, role=Role.VIEWER.value)
        state = selectors.import_view(system, import_id).state
        transaction.set_rollback(True)
    return state
