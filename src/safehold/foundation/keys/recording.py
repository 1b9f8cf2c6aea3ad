"""How events about keys reach the log, which stands a floor above: it connects itself here when the process starts.

Flows in this room call `record` as every other room calls `audit.flows.record`. With no log connected nothing about
keys can be changed: an act that leaves no trace is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Unavailable
from safehold.kernel.event import EventType

__all__ = ["Recorder", "connect", "record"]

Recorder = Callable[..., object]
"""`audit.flows.record`: (scope, event type, on=, fields=) in the open transaction."""

_recorder: Recorder | None = None


def connect(recorder: Recorder | None) -> None:
    """Send events there from now on."""
    global _recorder  # noqa: PLW0603 - one log a process, set at start
    _recorder = recorder


def record(scope: Scope, event_type: EventType, *, on: str, fields: Mapping[str, int]) -> None:
    """Write an event in the open transaction."""
    if _recorder is None:
        raise Unavailable("No log is connected, so keys can't be changed.")
    _recorder(scope, event_type, on=on, fields=fields)
