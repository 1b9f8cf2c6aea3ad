"""What the worker does each minute: gives every place that is due the newest head."""

from __future__ import annotations

from procrastinate.contrib.django import app

from safehold.foundation.anchors import flows

__all__ = ["give_heads"]


@app.periodic(cron="* * * * *", periodic_id="give-heads")
@app.task(queueing_lock="give-heads", pass_context=False)
def give_heads(timestamp: int) -> None:
    """Give heads to every place that is due. `timestamp` is the planned second (since 1970)."""
    flows.give_due()
