"""What rooms above can listen to. Receivers run inside the flow's transaction and undo it by raising.

Each is sent with `scope` (of the tenant) and `member` or `guest` (its id, as a UUID).
"""

from __future__ import annotations

from django.dispatch import Signal

__all__ = ["guest_ended", "guest_invited", "member_changed", "member_invited", "member_removed"]

member_invited = Signal()
"""Somebody was invited: time to send the link. Also sent when an invitation is repeated."""

member_changed = Signal()
"""A role or departments changed: sessions and tokens made under the old ones should end."""

member_removed = Signal()
"""Somebody left or was removed: everything that opened this tenant to them should end."""

guest_invited = Signal()
"""A guest's place was given: time to send the link."""

guest_ended = Signal()
"""A guest's place was ended: everything that was open to them should end."""
