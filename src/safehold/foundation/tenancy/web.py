"""Pages of a workspace's people, departments and settings, its start page, and the choice between workspaces."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.access.plans import Feature, limits
from safehold.foundation.access.web import page, public
from safehold.foundation.scope.request import request_scope
from safehold.foundation.scope.scope import Scope
from safehold.foundation.tenancy import flows, selectors
from safehold.foundation.tenancy.forms import DepartmentForm, InviteForm, MemberForm, MembersFilter, SettingsForm
from safehold.foundation.tenancy.models import Member, Status
from safehold.foundation.tenancy.roles import ROLES
from safehold.kernel.errors import Conflict
from safehold.ui import panels, toasts
from safehold.ui.faces import address_with, attempt, status_of

__all__ = [
    "change_member",
    "delete_department",
    "departments",
    "erase_member",
    "home",
    "invite",
    "invite_again",
    "members",
    "remove_member",
    "rename_department",
    "settings",
    "start",
    "workspaces",
]

_PAGE = 50
_SORTS = {"name": "name", "role": "role", "status": "status", "since": "created_at"}


@public
def start(request: HttpRequest) -> HttpResponse:
    """The front door: visitors see what is promised, members their workspace, or the choice between several."""
    scope = request_scope(request)
    if scope.account_id is None:
        return redirect("trust")
    own = selectors.memberships_of(scope.account_id)
    return redirect(own[0].start, own[0].slug) if len(own) == 1 else redirect("workspaces")


@page(Permission.SIGNED_IN)
def workspaces(request: HttpRequest) -> HttpResponse:
    """The workspaces that the account may open."""
    account_id = request_scope(request).account_id
    own = selectors.memberships_of(account_id) if account_id else []
    return render(request, "tenancy/workspaces.html", {"workspaces": own})


@page(Permission.MEMBER)
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """A workspace's start page: what each room has to show to this member."""
    return render(request, "tenancy/home.html", {"panels": panels.drawn(request)})


@page(Permission.MEMBERS_READ)
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody in the workspace, filtered and sorted by the address."""
    scope, form = request_scope(request), MembersFilter(request.GET, auto_id="filter_%s")
    wanted = form.cleaned_data if form.is_valid() else {}
    found = selectors.members(scope, search=wanted.get("q", ""), status=wanted.get("status", ""))
    found = found.filter(role=wanted["role"]) if wanted.get("role") else found
    sort = request.GET.get("sort", "name")
    if column := _SORTS.get(sort.removeprefix("-")):
        found = found.order_by(("-" if sort.startswith("-") else "") + column, "email", "id")
    shown = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    narrowed = any(wanted.values()) or not form.is_valid()
    context = {
        "form": form,
        "members": _rows(scope, shown),
        "clear": reverse("members", args=[slug]) if narrowed else "",
        "may_manage": scope.can(Permission.MEMBERS_MANAGE),
        **_paging(request, shown),
    }
    return render(request, "tenancy/members.html", context)


@page(Permission.MEMBERS_MANAGE)
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite somebody by e-mail, with a role and departments."""
    scope = request_scope(request)
    form = InviteForm(request.POST or None, initial={"role": Role.EMPLOYEE}, departments=selectors.departments(scope))
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            flows.invite_member(scope=scope, **form.cleaned_data)
            toasts.done(request, f"{form.cleaned_data['email']} is invited.")
            return redirect("members", slug)
    return render(request, "tenancy/invite.html", {"form": form, "roles": ROLES}, status=status_of(form))


@page(Permission.MEMBERS_MANAGE)
def change_member(request: HttpRequest, slug: str, member_id: UUID) -> HttpResponse:
    """A member's role and departments."""
    scope = request_scope(request)
    member = selectors.member(scope, member_id)
    initial = {"role": member.role, "departments": member.departments}
    form = MemberForm(request.POST or None, initial=initial, departments=selectors.departments(scope))
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            flows.change_member(scope=scope, member_id=member_id, **form.cleaned_data)
            toasts.done(request, f"{member.name or member.email} is changed.")
            return redirect("members", slug)
    activity = reverse("activity", args=[slug])
    context = {
        "form": form,
        "member": member,
        "roles": ROLES,
        "history_url": f"{activity}?on=member:{member.id}",
        "acts_url": f"{activity}?actor=member:{member.id}",
        "may_read_activity": scope.can(Permission.ACTIVITY_READ),
        "may_erase": scope.can(Permission.SUBJECTS_ERASE) and member.status == Status.LEFT,
    }
    return render(request, "tenancy/member.html", context, status=status_of(form))


@page(Permission.MEMBERS_MANAGE)
@require_POST
def remove_member(request: HttpRequest, slug: str, member_id: UUID) -> HttpResponse:
    """Remove a member; everything that opened this workspace to them ends with it."""
    scope = request_scope(request)
    member = selectors.member(scope, member_id)
    flows.remove_member(scope=scope, member_id=member_id)
    toasts.done(request, f"{member.name or member.email} is removed.")
    return redirect("members", slug)


@page(Permission.SUBJECTS_ERASE)
@require_POST
def erase_member(request: HttpRequest, slug: str, member_id: UUID) -> HttpResponse:
    """Erase the personal details of somebody who left."""
    flows.erase_member(scope=request_scope(request), member_id=member_id)
    toasts.done(request, "Their details are erased.")
    return redirect("members", slug)


@page(Permission.MEMBERS_MANAGE)
@require_POST
def invite_again(request: HttpRequest, slug: str, member_id: UUID) -> HttpResponse:
    """Send an invitation once more; the link of the first one stops working."""
    scope = request_scope(request)
    member = selectors.member(scope, member_id)
    if member.status != Status.INVITED:
        raise Conflict(f"{member.email} has joined already.")
    departments = member.departments
    flows.invite_member(scope=scope, email=member.email, name=member.name, role=member.role, departments=departments)
    toasts.done(request, f"{member.email} is sent a new link.")
    return redirect("members", slug)


@page(Permission.SETTINGS_READ)
def departments(request: HttpRequest, slug: str) -> HttpResponse:
    """The departments, and a form for one more."""
    scope = request_scope(request)
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            flows.create_department(scope=scope, **form.cleaned_data)
            toasts.done(request, f"{form.cleaned_data['name']} is added.")
            return redirect("departments", slug)
    context = {
        "form": form,
        "departments": selectors.departments(scope),
        "missing": selectors.plan_refusal(scope, Feature.DEPARTMENTS, used=len(scope.departments)),
        "may_manage": scope.can(Permission.DEPARTMENTS_MANAGE),
    }
    return render(request, "tenancy/departments.html", context, status=status_of(form))


@page(Permission.DEPARTMENTS_MANAGE)
def rename_department(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A department's name."""
    scope = request_scope(request)
    department = selectors.department(scope, number)
    form = DepartmentForm(request.POST or None, initial={"name": department.name})
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            flows.rename_department(scope=scope, number=number, **form.cleaned_data)
            toasts.done(request, "The department is renamed.")
            return redirect("departments", slug)
    context = {"form": form, "department": department}
    return render(request, "tenancy/department.html", context, status=status_of(form))


@page(Permission.DEPARTMENTS_MANAGE)
@require_POST
def delete_department(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Delete an empty department."""
    scope = request_scope(request)
    department = selectors.department(scope, number)
    flows.delete_department(scope=scope, number=number)
    toasts.done(request, f"{department.name} is deleted.")
    return redirect("departments", slug)


@page(Permission.SETTINGS_READ)
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What a workspace may change about itself; shown to all members who may read it."""
    scope = request_scope(request)
    tenant = selectors.tenant(scope)
    form = SettingsForm(request.POST or None, initial={"name": tenant.name, "language": tenant.language})
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            flows.change_tenant(scope=scope, **form.cleaned_data)
            toasts.done(request, "The settings are saved.")
            return redirect("settings", slug)
    context = {"form": form, "may_manage": scope.can(Permission.SETTINGS_MANAGE), "plan": limits(tenant.plan)}
    return render(request, "tenancy/settings.html", context, status=status_of(form))


def _rows(scope: Scope, shown: Page[Member]) -> list[dict[str, Any]]:
    names = {department.number: department.name for department in selectors.departments(scope)}
    return [
        {
            "id": member.id,
            "name": member.name,
            "email": member.email,
            "role": member.role,
            "status": Status(member.status).value,
            "created_at": member.created_at,
            "department_names": [names[number] for number in member.departments if number in names],
        }
        for member in shown
    ]


def _paging(request: HttpRequest, shown: Page[Member]) -> dict[str, Any]:
    """Where a page stands in its list, and the addresses of its neighbours."""
    return {
        "first": shown.start_index(),
        "last": shown.end_index(),
        "total": shown.paginator.count,
        "previous": address_with(request, page=str(shown.number - 1)) if shown.has_previous() else "",
        "next": address_with(request, page=str(shown.number + 1)) if shown.has_next() else "",
    }
