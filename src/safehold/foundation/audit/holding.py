"""Legal holds: as long as one stands, nothing that it names is purged. Placing and ending one is in both logs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.events import HELD, HOLD_ENDED
from safehold.foundation.audit.models import Hold
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Denied, Invalid, Problem
from safehold.kernel.event import EventType
from safehold.kernel.ids import PLATFORM

__all__ = ["end_hold", "place_hold"]

_LONGEST = 500


def place_hold(*, scope: Scope, log: UUID, reason: str, subject: str = "", until: datetime | None = None) -> Hold:
    """Keep a log, or what is by or about `subject` in it and all that came after, whatever its plan says."""
    _require_platform(scope)
    if not 0 < len(reason.strip()) <= _LONGEST:
        problem = Problem("reason", f"why, in 1 to {_LONGEST} characters", reason[:60])
        raise Invalid("A legal hold needs its reason.", problems=(problem,))
    if until is not None and until <= clock.now():
        raise Invalid("A legal hold ends in the future.", problems=(Problem("until", "a moment to come"),))
    hold = Hold(
        id=clock.new_id(),
        tenant_id=log,
        subject=subject,
        reason=reason.strip(),
        placed_by=scope.actor,
        placed_at=clock.now(),
        until=until,
    )
    hold.save(force_insert=True)
    ends = until.isoformat() if until else None
    _tell(scope, HELD, hold, {"until": ends})
    return hold


def end_hold(*, scope: Scope, hold_id: UUID) -> Hold:
    """End a hold: what it kept goes with the next purge, if its time is over."""
    _require_platform(scope)
    hold = selectors.hold_in_force(scope=scope, hold_id=hold_id)
    hold.ended_at, hold.ended_by = clock.now(), scope.actor
    hold.save(update_fields=["ended_at", "ended_by"])
    _tell(scope, HOLD_ENDED, hold, {})
    return hold


def _require_platform(scope: Scope) -> None:
    if scope.kind is not Kind.PLATFORM:
        raise Denied("Legal holds are placed and ended by whoever runs this installation.", hint="Ask them.")


def _tell(scope: Scope, event: EventType, hold: Hold, more: dict[str, str | None]) -> None:
    """In the platform's log, and in the one that is held."""
    fields = {"hold": str(hold.id), "about": hold.subject or "the whole log", **more}
    flows.record(scope, event, on=f"hold:{hold.id}", fields=fields)
    if hold.tenant_id != PLATFORM:
        with scoped(scope_of_log(hold.tenant_id, "platform")) as inside:
            flows.record(inside, event, on=f"hold:{hold.id}", fields=fields)
