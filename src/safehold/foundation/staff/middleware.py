"""Staff inside a tenant: by an open grant, reading only, every page noted before it is opened and marked as what it is.

Stands in front of identity's middleware, which then leaves the request alone. The tenant's rows are read on the staff's
own login (`scoped` sees to that); the session, the account and the events stay on the app's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject

from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.request import request_scope, route_of
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import flows, selectors
from safehold.foundation.staff.errors import OnlyReading, SupportEnded
from safehold.foundation.staff.selectors import Access
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Denied, NotFound, SafeholdError
from safehold.ui.errors import error_page

__all__ = ["StaffMiddleware"]

_READS = ("GET", "HEAD")
_REFUSED = "42501"


class StaffMiddleware:
    """Lets staff into the tenant that the address names, for as long as their grant is open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; the staff scope that it may have opened is closed with it.

        What was read while the grant ran out isn't shown: the door is asked once more when the answer stands.
        """
        with ExitStack() as opened:
            request.opened = opened  # type: ignore[attr-defined]  # Django's request has no such attribute
            response = self.get_response(request)
            access: Access | None = getattr(request, "access", None)
            if access is not None and response.status_code < 400 and not _still_open():
                response = self._refuse(request, access, SupportEnded())
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Open the staff scope for one of the staff with a grant; note it where one without a grant knocks."""
        account: Any = request.user
        if not request.path_info.startswith("/t/") or not getattr(account, "is_staff", False):
            return None
        if not account.has_second_factor:
            return None  # identity sends them to enrolment
        slug, address = kwargs.get("slug", ""), request_scope(request).address
        access = selectors.open_access(account_id=account.id, slug=slug, address=address)
        if access is None:
            _note_knock(request, slug, account)
            return None
        return self._enter(request, access)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """What a page of staff's refuses: undone, noted in both logs, and said."""
        access: Access | None = getattr(request, "access", None)
        if access is None:
            return None
        if isinstance(exception, DatabaseError) and getattr(exception.__cause__, "sqlstate", "") == _REFUSED:
            transaction.set_rollback(True)
            # Either the grant ended meanwhile, or the page tried to write what this login may not.
            return self._refuse(request, access, OnlyReading() if _lives(access) else SupportEnded())
        if not isinstance(exception, SafeholdError):
            return None
        transaction.set_rollback(True)
        if isinstance(exception, Denied):
            return self._refuse(request, access, exception)
        return error_page(request, exception)

    def _enter(self, request: HttpRequest, access: Access) -> HttpResponseBase | None:
        request.access = access  # type: ignore[attr-defined]  # the same
        request.page_banner = SimpleLazyObject(lambda: _banner(request, access))  # type: ignore[attr-defined]  # the same
        if request.method not in _READS:
            return self._refuse(request, access, OnlyReading())
        flows.note_look(access=access, route=route_of(request))
        request.opened.enter_context(scoped(access.scope))  # type: ignore[attr-defined]  # the same
        request.scope = access.scope  # type: ignore[attr-defined]  # put there by the scope's own middleware
        return None

    def _refuse(self, request: HttpRequest, access: Access, refused: Denied) -> HttpResponseBase:
        why, grant = refused.permission or refused.code, access.grant
        flows.note_denial(
            inside=access.inside,
            route=route_of(request),
            why=why,
            staff=grant.account_id,
            staff_name=grant.staff_name,
        )
        return error_page(request, refused)


def _banner(request: HttpRequest, access: Access) -> str:
    return render_to_string("staff/banner.html", {"grant": access.grant, "request": request}, request)


def _still_open() -> bool:
    """Whether the door still stands open to the open staff scope."""
    if connection.needs_rollback:
        return True  # an error is being shown already
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql_parts("safehold.foundation.staff", "probes.sql")["ask_at_the_door"])
    except DatabaseError:
        return False
    return True


def _lives(access: Access) -> bool:
    own = Scope(Kind.ACCOUNT, actor=access.scope.actor, account_id=access.scope.account_id, staff=True)
    with scoped(own):
        return selectors.unended(access.grant.account_id).filter(id=access.grant.id).exists()


def _note_knock(request: HttpRequest, slug: str, account: Any) -> None:
    """Staff who ask for a tenant that they are no member of, without a grant: both logs hear of it."""
    platform = tenancy.platform_scope("staff")
    try:
        tenancy.tenant_scope(account_id=account.id, slug=slug, address="")
    except NotFound:
        pass
    else:
        return
    try:
        with scoped(platform):
            tenant_id = tenancy.tenant_by_slug(platform, slug).id
    except NotFound:
        return
    outside = Scope(Kind.ACCOUNT, actor=f"staff:{account.id}", address=request_scope(request).address)
    inside = selectors.acting_in(outside, tenant_id)
    why = "no grant is open"
    flows.note_denial(inside=inside, route=route_of(request), why=why, staff=account.id, staff_name=str(account))
