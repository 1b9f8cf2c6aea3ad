"""What this room does when somebody's rights change: what they began to import ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from safehold.foundation.identity.signals import account_closed
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import signals
from safehold.workspace.records import flows

__all__ = ["connect"]


def connect() -> None:
    """Begin to listen. Called once, when the app is ready."""
    signals.member_changed.connect(_changed, dispatch_uid="records.changed")
    signals.member_removed.connect(_changed, dispatch_uid="records.removed")
    account_closed.connect(_closed, dispatch_uid="records.closed")


def _changed(*, scope: Scope, member: UUID, **_: Any) -> None:
    flows.stop_imports(scope=scope, actor=f"member:{member}")


def _closed(*, inside: Sequence[Scope], **_: Any) -> None:
    for scope in inside:
        with scoped(scope):
            flows.stop_imports(scope=scope, actor=f"member:{scope.member_id}")
