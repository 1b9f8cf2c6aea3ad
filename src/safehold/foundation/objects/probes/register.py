"""ISO-7: every stored file lies under the prefix of the tenant whose row stands for it, and every row has its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from safehold.foundation.objects import selectors
from safehold.foundation.objects.errors import FileLost
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.stores import StoredFile, path_of
from safehold.foundation.scope.probes import canary as canary_scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["files_lie_under_their_tenants_prefix"]

_SECONDS = 15
_MOST_SHOWN = 20


@dataclass(slots=True)
class _Register:
    """What was found: which file of which tenant's prefix has which row."""

    tenants: int = 0
    files: int = 0
    left_out: int = 0
    unregistered: dict[UUID, str] = field(default_factory=dict)
    owners: dict[UUID, UUID] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def files_lie_under_their_tenants_prefix(probe: ProbeContext) -> Finding:
    """Compare the store's prefixes with the rows of each tenant, for as many tenants as there is time for."""
    found, until = _Register(), monotonic() + _SECONDS
    prefixes = current_store().prefixes()  # before the tenants: one that is made meanwhile is among them
    tenants = _tenants(probe)
    found.faults += [f"{prefix}: no tenant has this id" for prefix in prefixes if prefix not in set(map(str, tenants))]
    for tenant_id in tenants:
        if monotonic() > until:
            found.left_out += 1
            continue
        _compare(tenant_id, found)
    found.faults += _elsewhere(found)
    evidence = {
        "tenants": found.tenants,
        "files": found.files,
        "without_a_row": len(found.unregistered),
        "tenants_left_out": found.left_out,
    }
    if found.faults:
        summary = f"Where stored files lie and what the register says differ in {_places(len(found.faults))}."
        return broken(summary, faults=sorted(found.faults)[:_MOST_SHOWN], **evidence)
    less = f" {found.left_out} tenants were left for time." if found.left_out else ""
    return kept(
        f"{found.files} files of {found.tenants} tenants each lie under the prefix of the tenant whose row stands for "
        f"them.{less}",
        **evidence,
    )


def _places(number: int) -> str:
    return "one place" if number == 1 else f"{number} places"


def _tenants(probe: ProbeContext) -> list[UUID]:
    with scoped(tenancy.platform_scope("probe")) as scope:
        others = [tenant.id for tenant in tenancy.list_tenants(scope)]
    return list(dict.fromkeys([probe.left, probe.right, *tenancy.canaries(), *others]))


def _compare(tenant_id: UUID, found: _Register) -> None:
    rows = _rows(tenant_id)
    files = list(current_store().files(str(tenant_id)))
    found.tenants += 1
    found.files += len(files)
    found.owners |= dict.fromkeys(rows, tenant_id)
    found.faults += [f"{tenant_id}/{file.name}: no object's name" for file in files if file.object_id is None]
    there = {file.object_id for file in files if file.is_whole}
    if missing := {object_id for object_id in rows - there if _is_lost(tenant_id, object_id)}:
        # A file may have been removed, row and all, while we looked.
        still = _rows(tenant_id)
        found.faults += [f"{tenant_id}/{lost}: its row is there, the file isn't" for lost in missing & still]
    found.unregistered |= dict(_without_row(tenant_id, rows, files))


def _without_row(tenant_id: UUID, rows: set[UUID], files: list[StoredFile]) -> Iterator[tuple[UUID, str]]:
    """Files of uploads that are under way, or were cut off: the sweeper's."""
    for file in files:
        if file.object_id is not None and file.object_id not in rows:
            yield file.object_id, f"{tenant_id}/{file.name}"


def _elsewhere(found: _Register) -> list[str]:
    """Files under one tenant's prefix that another tenant's row stands for."""
    return [
        f"{place}: the row is tenant {found.owners[object_id]}'s"
        for object_id, place in found.unregistered.items()
        if object_id in found.owners and not place.startswith(str(found.owners[object_id]))
    ]


def _rows(tenant_id: UUID) -> set[UUID]:
    scope = canary_scope(tenant_id)
    with scoped(scope):
        return selectors.known(scope)


def _is_lost(tenant_id: UUID, object_id: UUID) -> bool:
    try:
        current_store().size(path_of(tenant_id, object_id))
    except FileLost:
        return True
    return False
