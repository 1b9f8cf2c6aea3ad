"""What the worker does for streams: keeps the forwarder going. A worker that starts has it going within a minute."""

from __future__ import annotations

from procrastinate.contrib.django import app

from safehold.foundation.streams.forwarder import forwarder

__all__ = ["forward_events"]

_SECONDS = 90.0
"""Longer than the minute until this is said again."""


@app.periodic(cron="* * * * *", periodic_id="forward-events")
@app.task(queueing_lock="forward-events", pass_context=False)
def forward_events(timestamp: int) -> None:
    """Go on sending for the next minute and a half. `timestamp` is the planned second (since 1970)."""
    forwarder.keep_going(_SECONDS)
