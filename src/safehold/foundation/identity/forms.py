"""What people type into the account pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import (
    AddEmailForm as AllauthAddEmailForm,
    ChangePasswordForm as AllauthChangePasswordForm,
    ResetPasswordForm as AllauthResetPasswordForm,
    ResetPasswordKeyForm as AllauthResetPasswordKeyForm,
    SetPasswordForm as AllauthSetPasswordForm,
    SignupForm as AllauthSignupForm,
)
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from safehold.foundation.identity import flows, totp
from safehold.foundation.identity.devices import device_of
from safehold.foundation.identity.errors import Slowed
from safehold.foundation.identity.models import Account
from safehold.foundation.scope.transaction import current_scope

__all__ = [
    "AddEmailForm",
    "ChangePasswordForm",
    "CodeAgainForm",
    "CodeForm",
    "EnrolForm",
    "InvitationForm",
    "ProfileForm",
    "ResetPasswordForm",
    "ResetPasswordKeyForm",
    "SetPasswordForm",
    "SignUpForm",
    "TokenForm",
]

_SLOW = "Too many tries. Wait a quarter of an hour, then try again."
_WRONG = "That code doesn't fit. Use the one that your app shows now, or a recovery code you haven't used."


def _holder(user: object) -> Account:
    assert isinstance(user, Account)  # noqa: S101 - the page's permission says somebody is signed in
    return user


@contextmanager
def _counted() -> Iterator[None]:
    """Turn Slowed into what the form says."""
    try:
        yield
    except Slowed:
        raise ValidationError(_SLOW) from None


def _password_help() -> str:
    """What is asked of a password, in one line of text."""
    return " ".join(password_validators_help_texts())


class _NewPassword:
    """allauth's forms for a new password say our rules in one line, not in a list inside a paragraph."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = _password_help()


class ChangePasswordForm(_NewPassword, AllauthChangePasswordForm):
    """A new password, with the present one."""

    def clean_oldpassword(self) -> str:
        """Count the try: a stolen session is no place to guess the password at leisure."""
        email = _holder(self.user).email
        with _counted():
            flows.count_sign_in(scope=current_scope(), email=email)
        present: str = super().clean_oldpassword()
        flows.forget_sign_ins(scope=current_scope(), email=email)
        return present


class AddEmailForm(AllauthAddEmailForm):
    """A new address, to which a code is sent."""

    def clean_email(self) -> str:
        """Count the mail that will be sent."""
        with _counted():
            flows.count_address_change(scope=current_scope(), account_id=_holder(self.user).id)
        cleaned: str = super().clean_email()
        return cleaned


class SignUpForm(_NewPassword, AllauthSignupForm):
    """An address and a password, where whoever runs the installation has opened sign-up."""

    def clean_email(self) -> str:
        """Count the sign-up before anything is looked up."""
        with _counted():
            flows.count_sign_up(scope=current_scope())
        cleaned: str = super().clean_email()
        return cleaned


class SetPasswordForm(_NewPassword, AllauthSetPasswordForm):
    """A first password."""


class ResetPasswordKeyForm(_NewPassword, AllauthResetPasswordKeyForm):
    """A new password, with a link from a mail."""


class ResetPasswordForm(AllauthResetPasswordForm):
    """Asks for a reset mail; the same answer for every address, known or not."""

    def clean_email(self) -> str:
        """Count the request before anything is looked up."""
        with _counted():
            flows.count_reset(scope=current_scope(), email=str(self.cleaned_data["email"]))
        cleaned: str = super().clean_email()
        return cleaned


class EnrolForm(ActivateTOTPForm):
    """The first code of a new authenticator app: proof that the app has the seed."""

    step = -1

    def clean_code(self) -> str:
        """Take the code if it is current."""
        _count(self.user)
        typed = str(self.cleaned_data["code"])
        step = totp.step_taken(self.secret, typed, time.time())
        if step is None:
            raise ValidationError(_WRONG)
        self.step = step
        flows.forget_codes(scope=current_scope(), account_id=self.user.id)
        return typed


class _TakesCode:
    """Takes a code of the app or a recovery code, once."""

    user: Account
    cleaned_data: dict[str, Any]
    authenticator: Authenticator
    step_name = "second factor"

    def clean_code(self) -> str:
        """Use the code up, or say that it doesn't fit and write the failure."""
        _count(self.user)
        typed = str(self.cleaned_data["code"])
        taken = flows.take_code(scope=current_scope(), account=self.user, typed=typed)
        if taken is None:
            flows.sign_in_failed(
                scope=current_scope(), email=self.user.email, step=self.step_name, device=_device_of_request()
            )
            raise ValidationError(_WRONG)
        flows.forget_codes(scope=current_scope(), account_id=self.user.id)
        taken.user = self.user
        self.authenticator = taken
        return typed


class CodeForm(_TakesCode, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_TakesCode, ReauthenticateForm):
    """The same, before something that matters."""


def _device_of_request() -> str:
    return device_of(context.request.headers.get("User-Agent", ""))


def _count(account: Account) -> None:
    try:
        flows.count_code(scope=current_scope(), account_id=account.id)
    except Slowed as slowed:
        flows.slowed(scope=current_scope(), email=account.email, error=slowed, device=_device_of_request())
        raise ValidationError(_SLOW) from None


class ProfileForm(forms.Form):
    """The account's own name and language."""

    name = forms.CharField(max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(code, str(name)) for code, name in settings.LANGUAGES]
        self.fields["language"].choices = [("", "As my browser asks"), *known]  # type: ignore[attr-defined]


class InvitationForm(forms.Form):
    """A newcomer's name and password."""

    name = forms.CharField(max_length=100, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        strip=False,
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["password"].help_text = _password_help()

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is weak for this person."""
        cleaned = self.cleaned_data
        if password := cleaned.get("password"):
            try:
                validate_password(password, Account(email=self.email, name=cleaned.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class TokenForm(forms.Form):
    """What a new API token is for and how long it lives."""

    name = forms.CharField(
        max_length=100, label="What it is for", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    days = forms.TypedChoiceField(
        coerce=int,
        label="Ends after",
        initial=90,
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (366, "a year")],
    )
