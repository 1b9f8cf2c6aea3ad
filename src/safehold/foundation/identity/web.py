"""The account pages and a member's API tokens: faces of flows. allauth's views do the steps of signing in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import LogoutView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.plans import Feature
from safehold.foundation.access.web import page, public
from safehold.foundation.identity import flows, selectors
from safehold.foundation.identity.forms import InvitationForm, ProfileForm, TokenForm
from safehold.foundation.identity.models import Account
from safehold.foundation.identity.selectors import Invited
from safehold.foundation.identity.sessions import SessionStore
from safehold.foundation.scope.request import request_scope
from safehold.foundation.tenancy import selectors as tenancy
from safehold.ui import toasts
from safehold.ui.faces import attempt, status_of

__all__ = [
    "Enrol",
    "NewRecoveryCodes",
    "Remove",
    "SignOut",
    "end_other_sessions",
    "end_session",
    "invitation",
    "invitation_link",
    "profile",
    "revoke_token",
    "second_factor",
    "sessions",
    "tokens",
]

_LINK = "safehold.invitation"
"""Where the session keeps an invitation's secret once it is out of the address."""


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # noqa: S101 - the page's permission says somebody is signed in
    return request.user


def _session(request: HttpRequest) -> SessionStore:
    assert isinstance(request.session, SessionStore)  # noqa: S101 - SESSION_ENGINE says so
    return request.session


def _mail(account: Account, template: str) -> None:
    get_adapter().send_notification_mail(template, account, email=account.email)


def _show_codes(request: HttpRequest, codes: list[str], *, first: bool) -> HttpResponse:
    """Recovery codes are in this answer and nowhere else."""
    return render(request, "mfa/recovery_codes/shown.html", {"codes": codes, "first": first})


class SignOut(LogoutView):
    """Ends the session on the server and asks the browser to forget what it kept."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class Enrol(ActivateTOTPView):
    """Sets up an authenticator app; the answer shows the recovery codes."""

    def form_valid(self, form: Any) -> HttpResponse:
        """The app has shown that it has the seed."""
        account, session = _account(self.request), _session(self.request)
        codes = flows.enrol(
            scope=request_scope(self.request),
            account=account,
            seed=form.secret,
            step=form.step,
            except_=session.key_hash,
        )
        clear_totp_secret(self.request)
        session.cycle_key()
        _mail(account, "mfa/email/totp_activated")
        return _show_codes(self.request, codes, first=True)


class Remove(DeactivateTOTPView):
    """Removes the authenticator app, where no role needs it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Removal was confirmed."""
        account, session = _account(self.request), _session(self.request)
        flows.remove_second_factor(scope=request_scope(self.request), account=account, except_=session.key_hash)
        session.cycle_key()
        _mail(account, "mfa/email/totp_deactivated")
        toasts.done(self.request, "The second factor was removed. All other sessions were ended.")
        return redirect("mfa_index")


class NewRecoveryCodes(GenerateRecoveryCodesView):
    """Makes new recovery codes in the place of the old ones."""

    def form_valid(self, form: Any) -> HttpResponse:
        """New codes were asked for."""
        account = _account(self.request)
        codes = flows.make_recovery_codes(scope=request_scope(self.request), account=account)
        _mail(account, "mfa/email/recovery_codes_generated")
        return _show_codes(self.request, codes, first=False)


@page(Permission.SIGNED_IN)
@require_GET
def second_factor(request: HttpRequest) -> HttpResponse:
    """What second factor the account has."""
    account = _account(request)
    context = {
        "enrolled": account.has_second_factor,
        "needed": selectors.needs_second_factor(scope=request_scope(request), account=account),
        "codes_left": selectors.recovery_codes_left(scope=request_scope(request), account_id=account.id),
    }
    return render(request, "mfa/index.html", context)


@page(Permission.SIGNED_IN)
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, and from where the account was last used."""
    account = _account(request)
    form = ProfileForm(request.POST or None, initial={"name": account.name, "language": account.language})
    if request.method == "POST" and form.is_valid():
        flows.change_profile(scope=request_scope(request), account=account, **form.cleaned_data)
        toasts.done(request, "Saved.")
        return redirect("account_profile")
    return render(request, "identity/profile.html", {"form": form, "account": account}, status=status_of(form))


@page(Permission.SIGNED_IN)
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the account is signed in."""
    found = selectors.sessions_of(scope=request_scope(request), account_id=_account(request).id)
    return render(request, "identity/sessions.html", {"sessions": found, "current": _session(request).key_hash})


@page(Permission.SIGNED_IN)
@require_POST
def end_session(request: HttpRequest, hashed: str) -> HttpResponse:
    """End one session of the list."""
    if flows.end_session(scope=request_scope(request), account_id=_account(request).id, hashed=hashed):
        toasts.done(request, "That session was ended.")
    return redirect("account_sessions")


@page(Permission.SIGNED_IN)
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    ended = flows.end_sessions(
        scope=request_scope(request),
        account_id=_account(request).id,
        reason="its owner ended all others",
        except_=_session(request).key_hash,
    )
    toasts.done(request, f"{ended} other sessions were ended." if ended else "There was no other session.")
    return redirect("account_sessions")


@public
@require_GET
def invitation_link(request: HttpRequest, link: str) -> HttpResponse:
    """Take the secret out of the address, so that no history, log or referrer repeats it."""
    request.session[_LINK] = link
    return redirect("account_invitation")


@public
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Accept an invitation: as the account that has the address, or as a new one."""
    link = request.session.get(_LINK, "")
    invited = selectors.invitation(scope=request_scope(request), link=link)
    if invited.account is None:
        return _accept_as_newcomer(request, invited, link)
    if request.user != invited.account:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('account_invitation')})}")
    if request.method == "GET":
        return render(request, "identity/invitation.html", {"invited": invited})
    flows.accept_invitation(scope=request_scope(request), link=link, account=invited.account)
    session = _session(request)
    session.bind_to(flows.session_limits(scope=request_scope(request), account=invited.account))
    del session[_LINK]
    return redirect(invited.start, invited.slug)


def _accept_as_newcomer(request: HttpRequest, invited: Invited, link: str) -> HttpResponse:
    form = InvitationForm(request.POST or None, email=invited.email, initial={"name": invited.name})
    if request.method == "GET" or not form.is_valid():
        return render(request, "identity/invitation.html", {"invited": invited, "form": form}, status=status_of(form))
    account = flows.create_account(scope=request_scope(request), email=invited.email, **form.cleaned_data)
    flows.accept_invitation(scope=request_scope(request), link=link, account=account)
    del request.session[_LINK]
    record_authentication(request, account, method="invitation")
    get_adapter().login(request, account)
    return redirect(invited.start, invited.slug)


@page(Permission.TOKENS_MANAGE)
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """A member's own tokens; a new one's text is in this answer and nowhere else."""
    form, made = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        with attempt(form):
            _, made = flows.issue_token(scope=request_scope(request), **form.cleaned_data)
            form = TokenForm()
    missing = tenancy.plan_refusal(request_scope(request), Feature.API_TOKENS)
    tokens = selectors.tokens(request_scope(request))
    context = {"tokens": tokens, "form": form, "made": made, "slug": slug, "missing": missing}
    return render(request, "identity/tokens.html", context, status=status_of(form))


@page(Permission.TOKENS_MANAGE)
@require_POST
def revoke_token(request: HttpRequest, slug: str, token_id: UUID) -> HttpResponse:
    """Revoke a token."""
    flows.revoke_token(scope=request_scope(request), token_id=token_id)
    toasts.done(request, "The token was revoked. It stopped working at once.")
    return redirect("identity_tokens", slug=slug)
