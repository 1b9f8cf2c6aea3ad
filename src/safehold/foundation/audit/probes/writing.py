"""AUD-3: every write path leaves its entry in the transaction that writes, and a rolled-back one leaves none.

Each room lists its write paths as WRITE_PROBES in its `promises.py`. A probe makes a real write in a canary tenant; the
check looks for the entry inside the transaction and rolls everything back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction

from safehold.foundation.access.matrix import Role
from safehold.foundation.audit import selectors
from safehold.foundation.audit.statements import statement
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import NotFound
from safehold.kernel.event import EventType
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["WriteProbe", "every_write_leaves_its_entry", "write_probes"]


@dataclass(frozen=True, slots=True)
class WriteProbe:
    """One write path: `run` writes in a canary's open transaction; `leaves` are the entries that it must leave."""

    name: str
    run: Callable[[Scope], object]
    leaves: tuple[EventType, ...]


def write_probes() -> list[WriteProbe]:
    """Every room's write paths."""
    found: list[WriteProbe] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.promises"
        if config.name.startswith("safehold.") and find_spec(name) is not None:
            found += getattr(import_module(name), "WRITE_PROBES", ())
    return found


def every_write_leaves_its_entry(probe: ProbeContext) -> Finding:
    """Run every write path in the left canary, look for its entries, roll it back, look that nothing stayed."""
    scope = Scope(Kind.TENANT, "system:probe", tenant_id=probe.left, role=Role.OWNER, departments=(0,))
    found = write_probes()
    faults = [fault for one in found for fault in _try(scope, one)]
    names = [one.name for one in found]
    if faults:
        return broken(f"A change is missing from the activity log: {faults[0]}.", faults=faults, tried=names)
    if not found:
        return unproven("No room has listed its write paths yet.")
    return kept(
        f"{len(found)} kinds of change each left their entry in the transaction that made them, and none when it was "
        "rolled back.",
        tried=names,
    )


def _try(scope: Scope, probe: WriteProbe) -> list[str]:
    with scoped(scope):
        probe.run(scope)
        entries = _written(scope)
        transaction.set_rollback(True)
    faults = [f"{probe.name} left no {one.name}" for one in probe.leaves if one.name not in entries.values()]
    with scoped(scope):
        left = [kind for event_id, kind in entries.items() if _is_there(scope, event_id)]
    return faults + [f"{probe.name} was rolled back and left {kind}" for kind in left]


def _written(scope: Scope) -> dict[UUID, str]:
    with connection.cursor() as cursor:
        cursor.execute(statement("probes", "of_this_transaction"), {"log": scope.log_id})
        return dict(cursor.fetchall())


def _is_there(scope: Scope, event_id: UUID) -> bool:
    try:
        selectors.event(scope=scope, event_id=event_id)
    except NotFound:
        return False
    return True
