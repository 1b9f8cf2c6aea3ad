"""What provokes this room's security events, on an account and a member that are made for it and undone."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.identity import events, flows
from safehold.foundation.identity.credentials import digest, new_link
from safehold.foundation.identity.errors import Slowed
from safehold.foundation.identity.flows.invitations import accept_invitation
from safehold.foundation.identity.flows.sessions import Origin, end_sessions, store_session
from safehold.foundation.identity.flows.sign_in import sign_in_failed, signed_in, signed_out, slowed
from safehold.foundation.identity.models import Account, Invitation
from safehold.foundation.identity.selectors import signing_in
from safehold.foundation.identity.totp import new_seed
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import events as tenancy_events, flows as tenancy_flows, selectors as tenancy

__all__ = ["PROVOKERS"]

_DEVICE = "a probe"


def _outside(scope: Scope) -> Scope:
    return Scope(Kind.SIGN_IN, actor=scope.actor, address="127.0.0.1")


def _somebody(outside: Scope) -> Account:
    email = f"probe-{new_id().hex[-12:]}@canary.invalid"
    return flows.create_account(scope=outside, email=email, name="Probe Canary", password=secrets.token_urlsafe(32))


def _account(scope: Scope) -> None:
    """An account is made, closed and opened again."""
    with scoped(_outside(scope)) as outside:
        account = _somebody(outside)
        flows.close_account(scope=outside, account_id=account.id, reason="of a check")
        password = secrets.token_urlsafe(32)
        flows.reopen_account(scope=outside, account_id=account.id, password=password, is_staff=False)


def _sign_in(scope: Scope) -> None:
    with scoped(_outside(scope)) as outside:
        account = _somebody(outside)
        signed_in(scope=outside, account=account, factor="password", device=_DEVICE)
        data = {"_auth_user_id": str(account.id)}
        store_session(scope=outside, key=secrets.token_urlsafe(), data=data, origin=Origin(), new=True)
        signed_out(scope=outside, account=account)
        end_sessions(scope=outside, account_id=account.id, reason="of a check")


def _failed_sign_in(scope: Scope) -> None:
    with scoped(_outside(scope)) as outside:
        email = f"nobody-{new_id().hex[-12:]}@canary.invalid"
        sign_in_failed(scope=outside, email=email, step="password", device=_DEVICE)
        slowed(scope=outside, email=email, error=Slowed("sign-in", first=True), device=_DEVICE)


def _changes(scope: Scope) -> None:
    with scoped(_outside(scope)) as outside:
        account = _somebody(outside)
        flows.change_password(scope=outside, account=account, password=secrets.token_urlsafe(32))
        flows.email_changed(scope=outside, account=account, old_email=account.email, except_="")


def _second_factor(scope: Scope) -> None:
    with scoped(_outside(scope)) as outside:
        account = _somebody(outside)
        codes = flows.enrol(scope=outside, account=account, seed=new_seed())
        with signing_in(outside) as inner:
            flows.take_code(scope=inner, account=account, typed=codes[0])
        flows.remove_second_factor(scope=outside, account=account)


def _invite(inside: Scope, link: str, **whose: UUID) -> None:
    """A place's invitation with a link that is known here; the flow mails one that is known nowhere."""
    row = Invitation(id=new_id(), tenant_id=inside.tenant, digest=digest(link), **whose)
    row.created_at, row.expires_at = now(), now() + timedelta(days=1)
    row.save(force_insert=True)


def _invitation(scope: Scope) -> None:
    """Somebody is invited, comes by the link, and makes and revokes a token."""
    outside, link = _outside(scope), new_link()
    with scoped(outside):
        account = _somebody(outside)
    with scoped(tenancy.system_scope(scope.tenant, "probe")) as inside:
        member = tenancy_flows.invite_member(scope=inside, email=account.email, role="manager")
        _invite(inside, link, member_id=member.id)
    with scoped(outside):
        accept_invitation(scope=outside, link=link, account=account)
    with scoped(tenancy.system_scope(scope.tenant, "probe")) as inside:
        own = tenancy.scope_of_member(scope=inside, member_id=member.id)
    with scoped(own):
        token, _ = flows.issue_token(scope=own, name="probe", days=1)
        flows.revoke_token(scope=own, token_id=token.id)


def _guest(scope: Scope) -> None:
    """An auditor is invited, comes in by the link, and is sent away again."""
    outside, link = _outside(scope), new_link()
    with scoped(outside):
        account = _somebody(outside)
    with scoped(tenancy.system_scope(scope.tenant, "probe")) as inside:
        guest = tenancy_flows.invite_guest(scope=inside, email=account.email, until=now() + timedelta(days=1))
        _invite(inside, link, guest_id=guest.id)
    with scoped(outside):
        accept_invitation(scope=outside, link=link, account=account)
    with scoped(tenancy.system_scope(scope.tenant, "probe")) as inside:
        tenancy_flows.end_guest(scope=inside, guest_id=guest.id)


PROVOKERS: tuple[Provoker, ...] = (
    Provoker(
        "an account that is made, closed and opened again",
        _account,
        (events.ACCOUNT_CREATED, events.ACCOUNT_CLOSED, events.ACCOUNT_REOPENED, events.PASSWORD_CHANGED),
    ),
    Provoker(
        "signing in and out",
        _sign_in,
        (events.ACCOUNT_CREATED, events.SIGNED_IN, events.SIGNED_OUT, events.SESSIONS_ENDED),
    ),
    Provoker("sign-ins that fail", _failed_sign_in, (events.SIGN_IN_FAILED, events.SIGN_IN_SLOWED)),
    Provoker(
        "another password and another address",
        _changes,
        (events.ACCOUNT_CREATED, events.PASSWORD_CHANGED, events.EMAIL_CHANGED),
    ),
    Provoker(
        "a second factor that comes, is used and goes",
        _second_factor,
        (
            events.ACCOUNT_CREATED,
            events.SECOND_FACTOR_ADDED,
            events.RECOVERY_CODES_MADE,
            events.RECOVERY_CODE_USED,
            events.SECOND_FACTOR_REMOVED,
        ),
    ),
    Provoker(
        "an invitation, and a token of who came by it",
        _invitation,
        (
            events.ACCOUNT_CREATED,
            tenancy_events.MEMBER_INVITED,
            tenancy_events.MEMBER_JOINED,
            events.INVITATION_ACCEPTED,
            events.TOKEN_ISSUED,
            events.TOKEN_REVOKED,
        ),
    ),
    Provoker(
        "an auditor who comes and goes",
        _guest,
        (
            events.ACCOUNT_CREATED,
            tenancy_events.GUEST_INVITED,
            tenancy_events.GUEST_JOINED,
            tenancy_events.GUEST_ENDED,
        ),
    ),
)
