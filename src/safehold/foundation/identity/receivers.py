"""What identity does when something happens elsewhere: in tenancy, in allauth, in the loading of a row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.signals import email_changed
from allauth.mfa.models import Authenticator
from django.db.models.signals import post_init

from safehold.foundation.identity import factors, flows
from safehold.foundation.identity.sessions import SessionStore
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import current_scope
from safehold.foundation.tenancy import signals

__all__ = ["connect"]


def connect() -> None:
    """Begin to listen. Called once, when the app is ready."""
    signals.member_invited.connect(_invited, dispatch_uid="identity.invited")
    signals.member_changed.connect(_changed, dispatch_uid="identity.changed")
    signals.member_removed.connect(_removed, dispatch_uid="identity.removed")
    signals.guest_invited.connect(_guest_invited, dispatch_uid="identity.guest-invited")
    signals.guest_ended.connect(_guest_ended, dispatch_uid="identity.guest-ended")
    email_changed.connect(_email_changed, dispatch_uid="identity.email")
    post_init.connect(_factor_loaded, sender=Authenticator, dispatch_uid="identity.factor")


def _invited(*, scope: Scope, member: UUID, **_: Any) -> None:
    flows.send_invitation(scope=scope, member_id=member)


def _changed(*, scope: Scope, member: UUID, **_: Any) -> None:
    flows.follow_change(scope=scope, member_id=member)


def _removed(*, scope: Scope, member: UUID, **_: Any) -> None:
    flows.follow_removal(scope=scope, member_id=member)


def _guest_invited(*, scope: Scope, guest: UUID, **_: Any) -> None:
    flows.send_guest_invitation(scope=scope, guest_id=guest)


def _guest_ended(*, scope: Scope, guest: UUID, **_: Any) -> None:
    flows.follow_guest_end(scope=scope, guest_id=guest)


def _email_changed(*, request: Any, user: Any, from_email_address: Any, **_: Any) -> None:
    session = request.session
    flows.email_changed(
        scope=current_scope(),
        account=user,
        old_email=from_email_address.email if from_email_address else "",
        except_=session.key_hash if isinstance(session, SessionStore) else "",
    )
    session.cycle_key()


def _factor_loaded(*, instance: Authenticator, **_: Any) -> None:
    if instance.user_id is not None:
        factors.check_owner(instance)
