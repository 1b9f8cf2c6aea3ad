"""Creating, renaming and deleting a tenant's departments."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.plans import Feature
from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.scope import Scope
from safehold.foundation.tenancy import events, selectors
from safehold.foundation.tenancy.errors import AboveYou, DepartmentInUse
from safehold.foundation.tenancy.flows.tenants import GENERAL
from safehold.foundation.tenancy.models import Department, Member, Tenant
from safehold.foundation.tenancy.values import Values
from safehold.kernel.errors import Conflict

__all__ = ["create_department", "delete_department", "lock_tenant", "rename_department"]


def create_department(*, scope: Scope, name: str) -> Department:
    """Add a department. Members without departments of their own reach it from their next transaction on."""
    scope.require(Permission.DEPARTMENTS_MANAGE)
    clean = _name(name)
    row = lock_tenant(scope)
    _reach_all(scope)
    used = Department.objects.filter(tenant_id=scope.tenant).count()
    selectors.require_feature(scope, Feature.DEPARTMENTS, used=used)
    row.last_department += 1
    made = Department(tenant_id=row.id, number=row.last_department, name=clean)
    _save(made)
    row.save(update_fields=["last_department"])
    audit.record(scope, events.DEPARTMENT_CREATED, on=f"department:{made.id}", fields={"number": made.number})
    return made


def rename_department(*, scope: Scope, number: int, name: str) -> Department:
    """Give a department another name; its number, which rows hold, stays."""
    scope.require(Permission.DEPARTMENTS_MANAGE)
    clean = _name(name)
    row = selectors.department(scope, number)
    if row.name != clean:
        row.name = clean
        _save(row)
        audit.record(scope, events.DEPARTMENT_RENAMED, on=f"department:{row.id}", fields={"number": number})
    return row


def delete_department(*, scope: Scope, number: int) -> None:
    """Delete an empty department. Its number is never given again."""
    scope.require(Permission.DEPARTMENTS_MANAGE)
    lock_tenant(scope)
    row = selectors.department(scope, number)
    if number == GENERAL:
        raise Conflict("The first department can't be deleted.", hint="Rename it instead.")
    if Member.objects.filter(tenant_id=scope.tenant, departments__contains=[number]).exists():
        raise DepartmentInUse
    department_id = row.id
    try:
        with transaction.atomic():
            row.delete()
    except IntegrityError:
        raise DepartmentInUse from None
    audit.record(scope, events.DEPARTMENT_DELETED, on=f"department:{department_id}", fields={"number": number})


def lock_tenant(scope: Scope) -> Tenant:
    """The scope's tenant, held until the transaction ends: members and departments change one after another."""
    return Tenant.objects.select_for_update().get(id=scope.tenant)


def _reach_all(scope: Scope) -> None:
    """A new department belongs to everybody who isn't limited: only they may make one."""
    every = Department.objects.filter(tenant_id=scope.tenant).values_list("number", flat=True)
    if set(every) - set(scope.departments):
        raise AboveYou


def _name(name: str) -> str:
    values = Values()
    clean = values.name("name", name)
    values.check("The department can't have this name.")
    return clean


def _save(row: Department) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict(f"There is already a department called {row.name}.") from None
