"""Pages of staff, and of a workspace about the staff who looked in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.request import request_scope
from safehold.foundation.staff import flows, selectors
from safehold.foundation.staff.conf import longest_minutes
from safehold.foundation.staff.forms import AskForm
from safehold.foundation.tenancy import selectors as tenancy
from safehold.ui import toasts
from safehold.ui.faces import attempt, status_of

__all__ = ["approve", "change_approval", "end", "end_own", "mine", "refuse", "support"]


@page(Permission.STAFF)
def mine(request: HttpRequest) -> HttpResponse:
    """The grants of whoever is signed in, and a form to ask for one."""
    scope = request_scope(request)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            made = flows.request_access(scope=scope, **form.cleaned_data)
            waits = "They have been asked to approve it." if made.needs_approval else "You can look in now."
            toasts.done(request, f"{form.cleaned_data['slug']} has been told. {waits}")
            return redirect("staff")
    context = {"form": form, "grants": selectors.grants(scope), "longest": longest_minutes()}
    return render(request, "staff/mine.html", context, status=status_of(form))


@page(Permission.STAFF)
@require_POST
def end_own(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """End one's own look, or take back the request for one."""
    flows.end_access(scope=request_scope(request), grant_id=grant_id)
    toasts.done(request, "Your support access has ended.")
    return redirect("staff")


@page(Permission.SUPPORT_READ)
def support(request: HttpRequest, slug: str) -> HttpResponse:
    """Who of the platform's staff looked in, when and why; what waits for a decision; whether they need one."""
    scope = request_scope(request)
    grants = selectors.grants(scope)
    deciders = {each.row.approved_by or each.row.refused_by for each in grants} - {None}
    names = tenancy.member_names(scope, [each for each in deciders if each])
    rows = [(each, names.get(each.row.approved_by or each.row.refused_by or UUID(int=0), "")) for each in grants]
    context = {
        "waiting": [each for each in grants if each.state == "waiting"],
        "rows": rows,
        "needs_approval": selectors.needs_approval(scope),
        "may_manage": scope.can(Permission.SUPPORT_MANAGE),
        "may_read_activity": scope.can(Permission.ACTIVITY_READ),
    }
    return render(request, "staff/support.html", context)


@page(Permission.SUPPORT_MANAGE)
@require_POST
def approve(request: HttpRequest, slug: str, grant_id: UUID) -> HttpResponse:
    """Let staff in."""
    made = flows.approve_access(scope=request_scope(request), grant_id=grant_id)
    toasts.done(request, f"{made.staff_name} may look in for {made.minutes} minutes.")
    return redirect("support", slug)


@page(Permission.SUPPORT_MANAGE)
@require_POST
def refuse(request: HttpRequest, slug: str, grant_id: UUID) -> HttpResponse:
    """Refuse staff."""
    made = flows.refuse_access(scope=request_scope(request), grant_id=grant_id)
    toasts.done(request, f"{made.staff_name} stays outside.")
    return redirect("support", slug)


@page(Permission.SUPPORT_MANAGE)
@require_POST
def end(request: HttpRequest, slug: str, grant_id: UUID) -> HttpResponse:
    """End staff's look before its time."""
    made = flows.end_access(scope=request_scope(request), grant_id=grant_id)
    toasts.done(request, f"{made.staff_name} can't look in any more.")
    return redirect("support", slug)


@page(Permission.SUPPORT_MANAGE)
@require_POST
def change_approval(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch whether staff come in only after this workspace has approved."""
    needed = request.POST.get("needed") == "yes"
    flows.require_approval(scope=request_scope(request), needed=needed)
    toasts.done(
        request, "Staff come in only after you approve." if needed else "Staff come in at once, and you are told."
    )
    return redirect("support", slug)
