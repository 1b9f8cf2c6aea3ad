"""Identity's writes. Each runs inside the caller's open transaction; most reach identity's rows in the sign-in kind."""

from __future__ import annotations

from safehold.foundation.identity.flows.accounts import (
    change_password,
    change_profile,
    create_account,
    email_changed,
    ensure_account,
)
from safehold.foundation.identity.flows.api_tokens import end_tokens, issue_token, revoke_token, use_token
from safehold.foundation.identity.flows.canaries import ensure_canary_accounts
from safehold.foundation.identity.flows.demo import enrol_demo_totp
from safehold.foundation.identity.flows.invitations import accept_invitation, send_guest_invitation, send_invitation
from safehold.foundation.identity.flows.leaving import close_account, reopen_account
from safehold.foundation.identity.flows.limits import forget_old_tries
from safehold.foundation.identity.flows.mailing import send_mail
from safehold.foundation.identity.flows.members import follow_change, follow_guest_end, follow_removal
from safehold.foundation.identity.flows.second_factor import (
    enrol,
    make_recovery_codes,
    present_code,
    remove_second_factor,
    take_code,
)
from safehold.foundation.identity.flows.sessions import end_session, end_sessions, forget_ended_sessions
from safehold.foundation.identity.flows.sign_in import (
    count_address_change,
    count_code,
    count_reset,
    count_sign_in,
    count_sign_up,
    forget_codes,
    forget_sign_ins,
    session_limits,
    sign_in_failed,
    signed_in,
    signed_out,
    slowed,
    wait_for_copies,
)

__all__ = [
    "accept_invitation",
    "change_password",
    "change_profile",
    "close_account",
    "count_address_change",
    "count_code",
    "count_reset",
    "count_sign_in",
    "count_sign_up",
    "create_account",
    "email_changed",
    "end_session",
    "end_sessions",
    "end_tokens",
    "enrol",
    "enrol_demo_totp",
    "ensure_account",
    "ensure_canary_accounts",
    "follow_change",
    "follow_guest_end",
    "follow_removal",
    "forget_codes",
    "forget_ended_sessions",
    "forget_old_tries",
    "forget_sign_ins",
    "issue_token",
    "make_recovery_codes",
    "present_code",
    "remove_second_factor",
    "reopen_account",
    "revoke_token",
    "send_guest_invitation",
    "send_invitation",
    "send_mail",
    "session_limits",
    "sign_in_failed",
    "signed_in",
    "signed_out",
    "slowed",
    "take_code",
    "use_token",
    "wait_for_copies",
]
