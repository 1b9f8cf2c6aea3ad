"""What identity writes to the platform's log and to the logs of the tenants that an account belongs to.

A password, a code, a seed or a token is never part of an event; where it came from is added by the log itself.
`factor` says how somebody signed in: "password", "password+totp", "password+recovery-code", "invitation".
"""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Kind

__all__ = [
    "ACCOUNT_CLOSED",
    "ACCOUNT_CREATED",
    "ACCOUNT_REOPENED",
    "EMAIL_CHANGED",
    "INVITATION_ACCEPTED",
    "INVITATION_SENT",
    "KINDS",
    "PASSWORD_CHANGED",
    "PROFILE_CHANGED",
    "RECOVERY_CODES_MADE",
    "RECOVERY_CODE_USED",
    "SECOND_FACTOR_ADDED",
    "SECOND_FACTOR_REMOVED",
    "SESSIONS_ENDED",
    "SIGNED_IN",
    "SIGNED_OUT",
    "SIGN_IN_FAILED",
    "SIGN_IN_SLOWED",
    "TOKEN_ISSUED",
    "TOKEN_REVOKED",
]

_WHO = ("email",)

ACCOUNT_CREATED = EventType(
    "account.created", "Account {account} was created", ("account", "staff"), ("email",), security=True
)
ACCOUNT_CLOSED = EventType(
    "account.closed", "Account {account} was closed because {reason}", ("account", "reason"), ("email",), security=True
)
ACCOUNT_REOPENED = EventType(
    "account.reopened", "Account {account} was opened again", ("account",), ("email",), security=True
)
SIGNED_IN = EventType(
    "account.signed-in", "Signed in with {factor} on {device}", ("account", "factor", "device"), _WHO, security=True
)
SIGN_IN_FAILED = EventType(
    "account.sign-in-failed",
    "A sign-in failed at the {step} on {device}",
    ("account", "step", "device"),
    security=True,
)
SIGN_IN_SLOWED = EventType(
    "account.sign-in-slowed",
    "Too many tries: {what} is refused for a while",
    ("account", "what", "device"),
    security=True,
)
SIGNED_OUT = EventType("account.signed-out", "Signed out", ("account",), _WHO, security=True)
PASSWORD_CHANGED = EventType("account.password-changed", "The password was changed", ("account",), _WHO, security=True)
PROFILE_CHANGED = EventType("account.profile-changed", "Changed the account's {changed}", ("account", "changed"), _WHO)
EMAIL_CHANGED = EventType(
    "account.email-changed",
    "The e-mail address was changed",
    ("account",),
    ("old_email", "email"),
    security=True,
)
SECOND_FACTOR_ADDED = EventType(
    "account.second-factor-added", "A second factor ({kind}) was added", ("account", "kind"), _WHO, security=True
)
SECOND_FACTOR_REMOVED = EventType(
    "account.second-factor-removed", "The second factor ({kind}) was removed", ("account", "kind"), _WHO, security=True
)
RECOVERY_CODES_MADE = EventType(
    "account.recovery-codes-made", "New recovery codes were made", ("account",), _WHO, security=True
)
RECOVERY_CODE_USED = EventType(
    "account.recovery-code-used", "A recovery code was used; {left} are left", ("account", "left"), _WHO, security=True
)
SESSIONS_ENDED = EventType(
    "account.sessions-ended",
    "{count} sessions ended because {reason}",
    ("account", "count", "reason"),
    ("email",),
    security=True,
)
TOKEN_ISSUED = EventType(
    "token.issued", "API token {token} was issued until {until}", ("token", "until"), security=True
)
TOKEN_REVOKED = EventType(
    "token.revoked", "API token {token} was revoked because {reason}", ("token", "reason"), security=True
)
INVITATION_SENT = EventType(
    "invitation.sent", "An invitation was sent, good until {until}", ("member", "until"), ("email",)
)
INVITATION_ACCEPTED = EventType(
    "invitation.accepted", "An invitation was accepted", ("member", "account"), _WHO, security=True
)

KINDS: dict[str, FieldKind] = {
    "changed": Kind.WORDS,
    "account": Kind.ID,
    "staff": Kind.FLAG,
    "reason": Kind.WORDS,
    "factor": Kind.CODE,
    "device": Kind.WORDS,
    "step": Kind.WORDS,
    "what": Kind.WORDS,
    "kind": Kind.CODE,
    "left": Kind.COUNT,
    "count": Kind.COUNT,
    "token": Kind.ID,
    "until": Kind.MOMENT,
    "member": Kind.ID,
}
"""What each plain field holds."""
