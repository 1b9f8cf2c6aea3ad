"""What staff do, as the platform's log and the log of the tenant concerned both tell it.

`tenant` is the workspace concerned; reasons and people's addresses are personal fields, sealed beside the hashed bytes.
"""

from __future__ import annotations

from safehold.kernel.event import EventType
from safehold.kernel.fieldkind import FieldKind, Free, Kind

__all__ = [
    "KINDS",
    "STAFF_ADDED",
    "STAFF_CHANGED",
    "STAFF_LEFT",
    "SUPPORT_ASKED",
    "SUPPORT_CONSENT",
    "SUPPORT_DENIED",
    "SUPPORT_ENDED",
    "SUPPORT_LOOKED",
    "SUPPORT_OPENED",
    "SUPPORT_REFUSED",
]

_GRANT = ("tenant", "grant", "case")

STAFF_ADDED = EventType(
    "staff.added", "{email} joined the staff: {duty}", ("account", "duty"), ("email",), security=True
)
STAFF_CHANGED = EventType(
    "staff.changed",
    "{email} on the staff went from {before} to {duty}; {sessions} sessions and {grants} grants ended",
    ("account", "before", "duty", "sessions", "grants"),
    ("email",),
    security=True,
)
STAFF_LEFT = EventType(
    "staff.left",
    "{email} left the staff; {sessions} sessions, {tokens} API tokens and {grants} grants ended",
    ("account", "sessions", "tokens", "grants"),
    ("email",),
    security=True,
)
SUPPORT_ASKED = EventType(
    "support.asked",
    "{staff} of the platform's staff asked to look into this workspace for {minutes} minutes, case {case}: {reason}",
    (*_GRANT, "minutes", "needs_approval"),
    ("staff", "reason"),
    security=True,
)
SUPPORT_OPENED = EventType(
    "support.opened",
    "{staff} of the platform's staff may look into this workspace until {until}, case {case}, approved by {approver}",
    (*_GRANT, "until", "approver"),
    ("staff",),
    security=True,
)
SUPPORT_REFUSED = EventType(
    "support.refused", "{staff} of the platform's staff was refused, case {case}", _GRANT, ("staff",), security=True
)
SUPPORT_ENDED = EventType(
    "support.ended",
    "The support access of {staff} ended, case {case}: {why}",
    (*_GRANT, "why"),
    ("staff",),
    security=True,
)
SUPPORT_LOOKED = EventType(
    "support.looked",
    "{staff} of the platform's staff opened {route}, case {case}, approved by {approver}",
    (*_GRANT, "route", "approver"),
    ("staff",),
    security=True,
)
SUPPORT_DENIED = EventType(
    "support.denied",
    "{staff} of the platform's staff was denied {route}: {why}",
    ("tenant", "route", "why"),
    ("staff",),
    security=True,
)
SUPPORT_CONSENT = EventType(
    "support.consent-changed",
    "Support access now needs this workspace's approval: {needed}",
    ("needed",),
    security=True,
)

KINDS: dict[str, FieldKind] = {
    "account": Kind.ID,
    "sessions": Kind.COUNT,
    "grants": Kind.COUNT,
    "tokens": Kind.COUNT,
    "tenant": Kind.ID,
    "grant": Kind.ID,
    "minutes": Kind.COUNT,
    "needs_approval": Kind.FLAG,
    "until": Kind.MOMENT,
    "approver": Kind.ID,
    "why": Kind.WORDS,
    "route": Kind.ROUTE,
    "needed": Kind.FLAG,
    "duty": Free("the register of staff names each one's duty; the platform's own people write it", 200),
    "before": Free("the duty that somebody had before", 200),
    "case": Free("the number of the support case, by which the workspace finds what it was about", 60),
}
"""What each plain field holds."""
