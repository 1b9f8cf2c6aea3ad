"""ACC-2: somebody scoped to one department is given nothing of another's records, by code or by the database."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import NotFound
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven
from safehold.workspace.records import canary, selectors
from safehold.workspace.records.models import Record, Unique, Version, Word
from safehold.workspace.records.probes.ways import KEY, about, by_id, everywhere, scope_of, tried

__all__ = ["departments_are_apart"]

_TABLES: Final = (Record, Version, Word, Unique)


def departments_are_apart(probe: ProbeContext) -> Finding:
    """As a manager of each department, ask for the other's record in every way, and the database for its rows."""
    leaks: list[str] = []
    tries = 0
    for tenant_id in (probe.left, probe.right):
        records = _planted_records(tenant_id)
        if set(records) != set(canary.MARKS):
            return unproven("Nothing is planted in the canary workspaces yet, so there was nothing to ask for.")
        for own in records:
            scope = scope_of(tenant_id, Role.MANAGER, (own,))
            if blind := _blind(scope, records[own], canary.MARKS[own]):
                return broken("The probe is blind: a manager didn't see the own department's record.", ways=blind)
            for other in records.keys() - {own}:
                found, count = _leaks(scope, records[other], canary.MARKS[other])
                leaks += [f"department {own} of {other}: {name}" for name in found]
                tries += count
    evidence = {"tries": tries, "tables": [table._meta.db_table for table in _TABLES]}  # noqa: SLF001  (its public name)
    if leaks:
        return broken(f"{len(leaks)} of {tries} tries reached another department.", leaks=leaks[:20], **evidence)
    return kept(f"{tries} tries by managers to reach another department's records gave nothing.", **evidence)


def _planted_records(tenant_id: UUID) -> dict[int, UUID]:
    owner = scope_of(tenant_id, Role.OWNER)
    with scoped(owner):
        try:
            return {record.department: record.id for record in selectors.records(owner, KEY).records}
        except NotFound:
            return {}


def _blind(scope: Scope, record_id: UUID, mark: str) -> list[str]:
    ways = [way for way in [*everywhere(), *by_id(record_id)] if way[0] in ("list", "detail", "export", "history")]
    return [way[0] for way in ways if mark not in tried(scope, way).text]


def _leaks(scope: Scope, record_id: UUID, mark: str) -> tuple[list[str], int]:
    """The ways by which a scope reached a record that isn't in its departments."""
    general, named = everywhere(), [*by_id(record_id), *about("code", mark)[:3]]
    leaks = [way[0] for way in general if (text := tried(scope, way).text) and (mark in text or str(record_id) in text)]
    leaks += [way[0] for way in named if (answer := tried(scope, way)).found or mark in answer.text]
    leaks += _rows_reached(scope)
    return leaks, len(general) + len(named) + len(_TABLES)


def _rows_reached(scope: Scope) -> list[str]:
    """The tables whose rows of other departments the database gives out without any code narrowing the question."""
    with scoped(scope):
        return [
            f"rows of {table._meta.db_table}"  # noqa: SLF001  (its public name)
            for table in _TABLES
            if table.objects.exclude(department__in=scope.departments).exists()  # rows: past the selectors
        ]
