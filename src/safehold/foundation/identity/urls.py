"""Addresses of the account pages. allauth looks its own up by name, so they keep allauth's names."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.urls import URLPattern, path, re_path

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.web import page, public
from safehold.foundation.identity import web

__all__ = ["tenant_urlpatterns", "urlpatterns"]

_own = page(Permission.SIGNED_IN)

urlpatterns: list[URLPattern] = [
    path("", web.profile, name="account_profile"),
    path("sign-in/", public(account.login), name="account_login"),
    path("sign-in/code/", public(mfa.authenticate), name="mfa_authenticate"),
    path("sign-up/", public(account.signup), name="account_signup"),
    path("sign-out/", public(web.SignOut.as_view()), name="account_logout"),
    path("inactive/", public(account.account_inactive), name="account_inactive"),
    path("again/", _own(account.reauthenticate), name="account_reauthenticate"),
    path("again/code/", _own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("email/", _own(account.email), name="account_email"),
    path("email/code/", public(account.email_verification_sent), name="account_email_verification_sent"),
    path("password/", _own(account.password_change), name="account_change_password"),
    path("password/set/", _own(account.password_set), name="account_set_password"),
    path("password/reset/", public(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", public(account.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/done/",
        public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("second-factor/", web.second_factor, name="mfa_index"),
    path("second-factor/new/", _own(web.Enrol.as_view()), name="mfa_activate_totp"),
    path("second-factor/remove/", _own(web.Remove.as_view()), name="mfa_deactivate_totp"),
    path("second-factor/codes/", _own(web.NewRecoveryCodes.as_view()), name="mfa_generate_recovery_codes"),
    path("sessions/", web.sessions, name="account_sessions"),
    path("sessions/end-others/", web.end_other_sessions, name="account_end_other_sessions"),
    path("sessions/<slug:hashed>/end/", web.end_session, name="account_end_session"),
    path("invitation/", web.invitation, name="account_invitation"),
    path("invitation/<str:link>/", web.invitation_link, name="account_invitation_link"),
]

tenant_urlpatterns: list[URLPattern] = [
    path("tokens/", web.tokens, name="identity_tokens"),
    path("tokens/<uuid:token_id>/revoke/", web.revoke_token, name="identity_revoke_token"),
]
