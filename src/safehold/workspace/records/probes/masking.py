"""ACC-3: roles that may not see a class of field are given nothing of it, whichever way they ask.

What each role may not see is written here once more, apart from the matrix: a mistake there is found, not followed.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from safehold.foundation.access.matrix import FieldClass, Role
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import NotFound
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven
from safehold.workspace.records import canary, selectors
from safehold.workspace.records.probes.ways import KEY, Way, about, by_id, everywhere, scope_of, tried
from safehold.workspace.records.shape import SEALED

__all__ = ["viewers_see_no_sealed_field"]

_NOT_FOR: Final[dict[Role, tuple[FieldClass, ...]]] = {
    Role.VIEWER: SEALED,
    Role.EMPLOYEE: SEALED,
    Role.MANAGER: (FieldClass.PERSONAL, FieldClass.SENSITIVE),
    Role.ACCOUNTANT: (FieldClass.PERSONAL, FieldClass.SENSITIVE),
    Role.ADMIN: (FieldClass.SENSITIVE,),
}
_NOBODYS_FIELD = "madeup"


def viewers_see_no_sealed_field(probe: ProbeContext) -> Finding:
    """Ask for every planted value as every role that may not see it; and as one that may, to know the probe sees."""
    records = {tenant_id: _planted_records(tenant_id) for tenant_id in (probe.left, probe.right)}
    if not all(records.values()):
        return unproven("Nothing is planted in the canary workspaces yet, so there was nothing to look for.")
    leaks: list[str] = []
    tries = 0
    for tenant_id, ids in records.items():
        for role, classes in _NOT_FOR.items():
            found, count = _leaks(tenant_id, role, classes, ids)
            leaks += found
            tries += count
        if blind := _blind(tenant_id, ids):
            return broken("The probe is blind: those who may see the planted values didn't.", ways=blind[:20])
    evidence = {"tries": tries, "roles": [role.value for role in _NOT_FOR], "records": sum(map(len, records.values()))}
    if leaks:
        return broken(f"{len(leaks)} of {tries} tries gave something away.", leaks=leaks[:20], **evidence)
    return kept(f"{tries} tries by {len(_NOT_FOR)} roles to read what they may not see gave nothing away.", **evidence)


def _planted_records(tenant_id: UUID) -> list[UUID]:
    owner = scope_of(tenant_id, Role.OWNER)
    with scoped(owner):
        try:
            return [record.id for record in selectors.records(owner, KEY).records]
        except NotFound:
            return []


def _leaks(tenant_id: UUID, role: Role, classes: tuple[FieldClass, ...], ids: list[UUID]) -> tuple[list[str], int]:
    """The ways by which a role got a planted value, a record by it, or a hint that the field is there."""
    scope = scope_of(tenant_id, role)
    values = [canary.planted(each) for each in classes]
    general = [*everywhere(), *(way for record_id in ids for way in by_id(record_id))]
    leaks = [name for name, work in general if _shows(tried(scope, (name, work)).text, values)]
    tries = len(general)
    for each in classes:
        value = canary.planted(each)
        for way, made_up in zip(about(each.value, value), about(_NOBODYS_FIELD, value), strict=True):
            answer, nothing = tried(scope, way), tried(scope, made_up)
            tries += 1
            same = answer.text.replace(each.value, "") == nothing.text.replace(_NOBODYS_FIELD, "")
            if answer.found or not same or _shows(answer.text, values):
                leaks.append(way[0])
    return [f"{role.value}: {name}" for name in leaks], tries


def _blind(tenant_id: UUID, ids: list[UUID]) -> list[str]:
    """The ways by which an owner doesn't see what is planted."""
    scope = scope_of(tenant_id, Role.OWNER)
    values = [canary.planted(each) for each in SEALED]
    blind = [way[0] for way in _telling(ids) if not all(value in tried(scope, way).text for value in values)]
    for each in SEALED:
        name, search = about(each.value, canary.planted(each))[0]
        if not tried(scope, (name, search)).found:
            blind.append(name)
    return blind


def _telling(ids: list[UUID]) -> list[Way]:
    """The ways that show values to whoever may see them."""
    wanted = {"list", "export", "API list", "detail", "history", "API detail", "API history", "edit"}
    ways = [*everywhere(), *(way for record_id in ids for way in by_id(record_id))]
    return [way for way in ways if way[0] in wanted]


def _shows(text: str, values: list[str]) -> bool:
    return any(value in text for value in values)
