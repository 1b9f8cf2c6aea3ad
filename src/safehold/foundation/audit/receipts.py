"""What a request has written: so that its answer can carry a receipt once that has its place in the log.

Whoever wants to know opens `collecting()` around the work; `flows` tells here of every event it writes meanwhile in the
same thread. What is written apart (a refusal, say) isn't part of the work, and isn't told.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from safehold.foundation.audit import selectors
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped

__all__ = ["Receipt", "collecting", "tell_written", "wait_for_receipt"]

_PAUSE = 0.1

_written: ContextVar[list[UUID] | None] = ContextVar("safehold_written", default=None)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The place of an event, and the size of the signed head that covers it."""

    event: UUID
    index: int
    checkpoint: int


@contextmanager
def collecting() -> Iterator[list[UUID]]:
    """The ids of all events that are written inside, in the order of the log."""
    found: list[UUID] = []
    before = _written.set(found)
    try:
        yield found
    finally:
        _written.reset(before)


def tell_written(ids: list[UUID]) -> None:
    """These were written in the open transaction."""
    if (found := _written.get()) is not None:
        found.extend(ids)


def wait_for_receipt(*, scope: Scope, event_id: UUID, timeout: float) -> Receipt | None:
    """The receipt of a committed event; None where it takes longer than that. Call it outside of any transaction."""
    deadline = time.monotonic() + timeout
    while True:
        with scoped(scope):
            found = selectors.receipt_of(scope=scope, event_id=event_id)
        if found is not None:
            return Receipt(event_id, *found)
        if time.monotonic() >= deadline:
            return None
        time.sleep(_PAUSE)
