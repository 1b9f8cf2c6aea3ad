"""Pages of a workspace's auditors: who reads the log from outside, until when, and how that ends."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page
from safehold.foundation.scope.request import request_scope
from safehold.foundation.tenancy import flows, selectors
from safehold.foundation.tenancy.forms import AuditorForm
from safehold.ui import toasts
from safehold.ui.faces import attempt, status_of

__all__ = ["auditors", "end_auditor", "erase_auditor"]


@page(Permission.GUESTS_MANAGE)
@require_http_methods(["GET", "POST"])
def auditors(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody who may read, or might once read, this workspace's log from outside; and a form for one more."""
    scope, form = request_scope(request), AuditorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            made = flows.invite_guest(scope=scope, **form.cleaned_data)
            toasts.done(request, f"{made.email} is invited.")
            return redirect("auditors", slug)
    context = {"form": form, "guests": selectors.guests(scope)}
    return render(request, "tenancy/auditors.html", context, status=status_of(form))


@page(Permission.GUESTS_MANAGE)
@require_POST
def end_auditor(request: HttpRequest, slug: str, guest_id: UUID) -> HttpResponse:
    """End an auditor's access now."""
    made = flows.end_guest(scope=request_scope(request), guest_id=guest_id)
    toasts.done(request, f"{made.email or 'The guest'} can't read the log any more.")
    return redirect("auditors", slug)


@page(Permission.SUBJECTS_ERASE)
@require_POST
def erase_auditor(request: HttpRequest, slug: str, guest_id: UUID) -> HttpResponse:
    """Erase the personal details of an auditor whose access has ended."""
    flows.erase_guest(scope=request_scope(request), guest_id=guest_id)
    toasts.done(request, "The details are erased for good.")
    return redirect("auditors", slug)
