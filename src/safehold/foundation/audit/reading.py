"""Reading the log is itself logged: who reads it leaves one event an hour, however much they click."""

from __future__ import annotations

from uuid import UUID

from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.events import PROVED, READ
from safehold.foundation.audit.export import proof_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope

__all__ = ["note_reading", "take_proof"]


def note_reading(*, scope: Scope) -> None:
    """Leave an event that this person read the log, unless one of this hour says so already.

    The hours are those of the clock, in UTC. Staff who look in leave an event for each page they open instead, and may
    write nothing else. Two requests at the very same moment may leave two events, which harms nobody.
    """
    if scope.kind is Kind.STAFF:
        return
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    if not selectors.happened(scope=scope, event_type=READ.name, since=hour):
        flows.record(scope, READ)


def take_proof(*, scope: Scope, event_id: UUID) -> str:
    """The proof that one event is in the scope's log, as text; that it was taken out is itself an event."""
    found = proof_of(scope=scope, event_id=event_id)
    if scope.kind is not Kind.STAFF:
        flows.record(scope, PROVED, on=f"event:{event_id}", fields={"index": found.index})
    return found.encode()
