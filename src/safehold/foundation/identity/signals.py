"""What rooms above can listen to. Receivers run inside the flow's transaction and undo it by raising."""

from __future__ import annotations

from django.dispatch import Signal

__all__ = ["account_closed"]

account_closed = Signal()
"""An account was closed: what was begun in its name should end. Sent with `scope`, `account` (its id, as a UUID) and
`inside`: the scopes of its memberships, with whoever closes it as the actor."""
