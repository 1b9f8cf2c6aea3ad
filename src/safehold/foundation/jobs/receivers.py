"""What this room does when somebody's rights change: the jobs that they asked for and that still wait are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from safehold.foundation.identity.signals import account_closed
from safehold.foundation.jobs import flows
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import signals

__all__ = ["connect"]


def connect() -> None:
    """Begin to listen. Called once, when the app is ready."""
    signals.member_changed.connect(_changed, dispatch_uid="jobs.changed")
    signals.member_removed.connect(_changed, dispatch_uid="jobs.removed")
    account_closed.connect(_closed, dispatch_uid="jobs.closed")


def _changed(*, scope: Scope, member: UUID, **_: Any) -> None:
    flows.end_jobs_of_member(scope=scope, member_id=member)


def _closed(*, account: UUID, inside: Sequence[Scope], **_: Any) -> None:
    for scope in inside:
        with scoped(scope):
            flows.end_jobs(scope=scope, account=account)
