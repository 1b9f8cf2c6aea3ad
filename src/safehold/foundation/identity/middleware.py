"""From a session to a scope: whose request this is, in which tenant, and whether a second factor is still missing.

What lies under `/account/` stays in the sign-in kind, now with the account's name on it. `/t/<slug>/` goes on in that
tenant's scope, everything else in the account's own. Who has a role that needs a second factor and none enrolled
reaches the pages to enrol one, and the way out, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from safehold.foundation.identity import selectors
from safehold.foundation.identity.errors import SecondFactorNeeded
from safehold.foundation.identity.models import Account
from safehold.foundation.scope.request import request_scope
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import rebind
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import NotFound, NotSignedIn
from safehold.ui.errors import error_page

__all__ = ["WITHOUT_SECOND_FACTOR", "MembershipMiddleware"]

WITHOUT_SECOND_FACTOR = frozenset({"mfa_activate_totp", "account_reauthenticate", "account_logout", "ui-theme"})
"""The names of the only pages open to somebody whose role needs a second factor that isn't there yet."""


class MembershipMiddleware:
    """Binds the rest of the request to the scope of whoever is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Find the account while the scope still allows it; where it goes is known once the address is understood."""
        language = request.user.language if isinstance(request.user, Account) else ""
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Refuse who still lacks a second factor; rebind to the tenant that the address names, or to the account."""
        account = request.user if isinstance(request.user, Account) else None
        if account is None or request_scope(request).kind is Kind.STAFF:  # staff were let in, and bound, before
            return None
        if self._must_enrol(request, account):
            return _to_enrolment(request)
        if request.path_info.startswith("/t/"):
            return self._enter(request, account, kwargs.get("slug", ""))
        inside = request.path_info.startswith("/account/")
        _bind(request, Kind.SIGN_IN if inside else Kind.ACCOUNT, account)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Send a visitor who has to sign in there, and afterwards back to where they were going."""
        if not isinstance(exception, NotSignedIn) or request.path_info.startswith("/api/"):
            return None
        back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return HttpResponseRedirect(f"{reverse('account_login')}?{back}".rstrip("?"))

    def _must_enrol(self, request: HttpRequest, account: Account) -> bool:
        match = request.resolver_match
        if account.has_second_factor or (match and match.view_name in WITHOUT_SECOND_FACTOR):
            return False
        return selectors.needs_second_factor(scope=request_scope(request), account=account)

    def _enter(self, request: HttpRequest, account: Account, slug: str) -> HttpResponse | None:
        try:
            scope = tenancy.tenant_scope(account_id=account.id, slug=slug, address=request_scope(request).address)
        except NotFound as error:
            return error_page(request, error)
        rebind(scope)
        request.scope = scope  # type: ignore[attr-defined]  # put there by the scope's own middleware
        return None


def _bind(request: HttpRequest, kind: Kind, account: Account) -> None:
    address = request_scope(request).address
    scope = Scope(kind, actor=f"account:{account.id}", account_id=account.id, address=address, staff=account.is_staff)
    rebind(scope)
    request.scope = scope  # type: ignore[attr-defined]  # put there by the scope's own middleware


def _to_enrolment(request: HttpRequest) -> HttpResponse:
    """The way to enrolment: a redirect for a person, a problem document for a program."""
    if not request.path_info.startswith("/api/"):
        return HttpResponseRedirect(reverse("mfa_activate_totp"))
    error = SecondFactorNeeded()
    body = {"type": f"/docs/errors#{error.code}", "title": error.message, "status": error.status, "code": error.code}
    return HttpResponse(json.dumps(body), content_type="application/problem+json", status=error.status)
