"""What this room's things are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.request import request_scope
from safehold.foundation.scope.scope import Kind
from safehold.foundation.tenancy import selectors
from safehold.ui.names import Named, Resolver

__all__ = ["NAMES"]


def _members(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    scope = request_scope(request)
    if not scope.can(Permission.MEMBERS_READ) and scope.kind is not Kind.GUEST:
        return {scope.member_id: Named("You")} if scope.member_id in ids else {}
    names = selectors.member_names(scope, ids)
    slug = request.resolver_match.kwargs.get("slug", "") if request.resolver_match else ""
    may_open = bool(slug) and scope.can(Permission.MEMBERS_MANAGE)
    return {
        key: Named(name, reverse("member-change", args=[slug, key]) if may_open else "") for key, name in names.items()
    }


def _guests(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    scope = request_scope(request)
    if scope.kind is Kind.GUEST:
        return {key: Named("You") for key in ids if scope.actor == f"guest:{key}"}
    if not scope.can(Permission.ACTIVITY_READ):
        return {}
    return {key: Named(name) for key, name in selectors.guest_names(scope, ids).items()}


def _departments(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    found = selectors.departments(request_scope(request)).filter(id__in=ids)
    return {department.id: Named(department.name) for department in found}


def _tenants(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    scope = request_scope(request)
    return {scope.tenant_id: Named(selectors.tenant(scope).name)} if scope.tenant_id in ids else {}


NAMES: dict[str, Resolver] = {"member": _members, "guest": _guests, "department": _departments, "tenant": _tenants}
