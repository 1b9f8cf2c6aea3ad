"""Django's and allauth's settings for sign-in, kept beside the code they steer. The project's settings import them all.

Each is here because leaving it at its default would weaken a promise; the comment says which.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ACCOUNT_ADAPTER",
    "ACCOUNT_CHANGE_EMAIL",
    "ACCOUNT_DEFAULT_HTTP_PROTOCOL",
    "ACCOUNT_EMAIL_NOTIFICATIONS",
    "ACCOUNT_EMAIL_SUBJECT_PREFIX",
    "ACCOUNT_EMAIL_VERIFICATION",
    "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED",
    "ACCOUNT_FORMS",
    "ACCOUNT_LOGIN_METHODS",
    "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE",
    "ACCOUNT_PREVENT_ENUMERATION",
    "ACCOUNT_RATE_LIMITS",
    "ACCOUNT_REAUTHENTICATION_REQUIRED",
    "ACCOUNT_SESSION_REMEMBER",
    "ACCOUNT_SIGNUP_FIELDS",
    "ACCOUNT_USER_DISPLAY",
    "ACCOUNT_USER_MODEL_USERNAME_FIELD",
    "AUTHENTICATION_BACKENDS",
    "AUTH_PASSWORD_VALIDATORS",
    "AUTH_USER_MODEL",
    "DATABASE_ROUTERS",
    "LOGIN_REDIRECT_URL",
    "LOGIN_URL",
    "LOGOUT_REDIRECT_URL",
    "MFA_ADAPTER",
    "MFA_FORMS",
    "MFA_RECOVERY_CODES_SHOW_ONCE",
    "MFA_RECOVERY_CODE_COUNT",
    "MFA_RECOVERY_CODE_DIGITS",
    "MFA_SUPPORTED_TYPES",
    "PASSWORD_RESET_TIMEOUT",
    "SESSION_ENGINE",
    "SESSION_LIMITS",
    "password_hashers",
]

_ROOM = "safehold.foundation.identity"

AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = [f"{_ROOM}.backends.AccountBackend"]
# django.contrib.auth is installed for its machinery only; its groups and permissions would be a second truth beside the
# access matrix, so their tables are never made.
DATABASE_ROUTERS = [f"{_ROOM}.router.NoGroupsOrPermissions"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

SESSION_ENGINE = f"{_ROOM}.sessions"
# How long a session lives: (idle seconds, seconds in all). "strict" is for owners, admins and staff.
SESSION_LIMITS: dict[str, tuple[int, int]] = {
    "anonymous": (60 * 60, 12 * 60 * 60),
    "member": (12 * 60 * 60, 7 * 24 * 60 * 60),
    "strict": (60 * 60, 12 * 60 * 60),
}

AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_ROOM}.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": f"{_ROOM}.passwords.PredictableValidator"},
]
PASSWORD_RESET_TIMEOUT = 10 * 60

ACCOUNT_ADAPTER = f"{_ROOM}.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = f"{_ROOM}.adapters.display_name"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Security mails are on: whoever holds the mailbox hears of a changed password, address or second factor.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# An address changes only once a code sent to the new one is typed in the same session.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Nobody is asked "remember me": the cookie goes with the browser, and on our side limits by role decide
# (SESSION_LIMITS).
ACCOUNT_SESSION_REMEMBER = False
# The session in which the password was changed goes on under a new key; every other one ends (flows.sessions).
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# allauth's limits live in a cache and admit overruns; ours are counted in the database (limits.py).
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "add_email": f"{_ROOM}.forms.AddEmailForm",
    "change_password": f"{_ROOM}.forms.ChangePasswordForm",
    "reset_password": f"{_ROOM}.forms.ResetPasswordForm",
    "reset_password_from_key": f"{_ROOM}.forms.ResetPasswordKeyForm",
    "set_password": f"{_ROOM}.forms.SetPasswordForm",
    "signup": f"{_ROOM}.forms.SignUpForm",
}

MFA_ADAPTER = f"{_ROOM}.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "activate_totp": f"{_ROOM}.forms.EnrolForm",
    "authenticate": f"{_ROOM}.forms.CodeForm",
    "reauthenticate": f"{_ROOM}.forms.CodeAgainForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 10


def password_hashers(choice: str) -> list[str]:
    """PASSWORD_HASHERS with the installation's choice ("argon2" or "bcrypt") first.

    New passwords are stored by the first; an older hash by the other still opens and is made anew at the next sign-in.
    """
    argon2, bcrypt = f"{_ROOM}.passwords.Argon2id", "django.contrib.auth.hashers.BCryptSHA256PasswordHasher"
    return [bcrypt, argon2] if choice == "bcrypt" else [argon2, bcrypt]
