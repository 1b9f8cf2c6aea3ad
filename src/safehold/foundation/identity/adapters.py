"""What allauth asks of us while somebody signs in. Each method is a face of a flow."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest

from safehold.foundation.identity import factors, flows, mail, selectors
from safehold.foundation.identity.devices import device_of
from safehold.foundation.identity.errors import Slowed
from safehold.foundation.identity.models import Account
from safehold.foundation.identity.sessions import SessionStore
from safehold.foundation.scope.transaction import current_scope
from safehold.kernel.installation import Installation

__all__ = ["AccountAdapter", "SecondFactorAdapter", "display_name", "just_signed_in"]

_RECENT = 300
"""Seconds for which having signed in counts as having just shown who one is."""


def display_name(account: AbstractBaseUser) -> str:
    """How allauth's pages and mails call an account."""
    return str(account)


def just_signed_in(request: HttpRequest, account: AbstractBaseUser) -> bool:
    """Whether the account showed who it is within the last five minutes, by signing in or by doing so again."""
    records = get_authentication_records(request, account)
    return bool(records) and time.time() - records[-1]["at"] < _RECENT


def _factor_of(request: HttpRequest, account: Account) -> str:
    """How somebody just signed in, in the words of events: "password+totp"."""
    records = get_authentication_records(request, account)
    names = [str(record.get("type") or record["method"]).replace("_", "-") for record in records]
    return "+".join(dict.fromkeys(names)) or "password"


class AccountAdapter(DefaultAccountAdapter):
    """Steers allauth's account pages: limits, events, sessions and mail are ours."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation; whoever operates the installation may open sign-up."""
        installation: Installation = settings.SAFEHOLD
        return installation.open_sign_up

    def save_user(self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True) -> Account:  # noqa: FBT001, FBT002 - allauth's signature
        """Make the account of somebody who signed up; a code sent to the address has to be typed next."""
        given = form.cleaned_data
        return flows.create_account(
            scope=current_scope(), email=given["email"], name="", password=given["password1"], known=False
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the scope has; proxies were judged there."""
        return current_scope().address

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at."""
        email = str(credentials.get("email", ""))
        try:
            flows.count_sign_in(scope=current_scope(), email=email)
        except Slowed as slowed:
            flows.slowed(scope=current_scope(), email=email, error=slowed, device=self._device())
            raise self.validation_error("too_many_login_attempts") from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The account of the credentials, or None; success clears the account's own counters."""
        found = super().authenticate(request, **credentials)
        if found is not None:
            flows.forget_sign_ins(scope=current_scope(), email=str(credentials.get("email", "")))
        return found

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write the failure, apart from the request's transaction."""
        flows.sign_in_failed(
            scope=current_scope(), email=str(credentials.get("email", "")), step="password", device=self._device()
        )

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in: a new session key, the limits that go with the account's roles, the event."""
        assert isinstance(user, Account)  # noqa: S101 - AUTH_USER_MODEL says so
        factor = _factor_of(request, user)
        super().login(request, user)
        limits = flows.signed_in(scope=current_scope(), account=user, factor=factor, device=self._device())
        session = request.session
        assert isinstance(session, SessionStore)  # noqa: S101 - SESSION_ENGINE says so
        session.begin(limits)

    def logout(self, request: HttpRequest) -> None:
        """Sign out: the session's row is deleted, not only its cookie."""
        if isinstance(request.user, Account):
            flows.signed_out(scope=current_scope(), account=request.user)
        super().logout(request)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Change or reset the password; every session of the account ends, and the caller's goes on under a new key."""
        assert isinstance(user, Account)  # noqa: S101 - AUTH_USER_MODEL says so
        flows.change_password(scope=current_scope(), account=user, password=password)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after signing in: a newcomer who must enrol isn't asked for the password twice in a row."""
        request = allauth_context.request
        return not just_signed_in(request, request.user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The second factor where there is one: a stolen session and a known password must not remove it."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        stronger = [method for method in methods if method["id"] != "reauthenticate"]
        return stronger or methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail now and send it once the transaction has committed."""
        request = allauth_context.request
        about = {"request": request, "email": email, "product": settings.SAFEHOLD.name, **context}
        message: EmailMessage = self.render_mail(template_prefix, email, about)
        mail.send_after_commit(message)

    def _device(self) -> str:
        return device_of(self.request.headers.get("User-Agent", "")) if self.request else ""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seals what allauth would keep in clear, and keeps a factor that must be there."""

    def get_totp_issuer(self) -> str:
        """The name that authenticator apps show."""
        installation: Installation = settings.SAFEHOLD
        return installation.name

    def encrypt(self, text: str) -> str:
        """Seal a secret for the account that the request is about."""
        account = allauth_context.request.user
        if not isinstance(account, Account):
            raise ValidationError("A second factor is enrolled by the account it is for.")
        return factors.seal_secret(account.id, text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return factors.open_secret(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Not while a role of the account needs a second factor."""
        return not selectors.needs_second_factor(scope=current_scope(), account=authenticator.user)
