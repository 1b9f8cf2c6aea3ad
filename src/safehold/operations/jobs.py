"""What the worker does on schedule for the installation: letting go of old logs."""

from __future__ import annotations

from procrastinate.contrib.django import app

from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.operations.logs import flows

__all__ = ["prune_logs"]


@app.periodic(cron="*/10 * * * *", periodic_id="prune-logs")
@app.task(queueing_lock="prune-logs", pass_context=False)
def prune_logs(timestamp: int) -> None:
    """Remove logs that are too old. `timestamp` is the planned second (since 1970)."""
    with scoped(Scope(Kind.PLATFORM, actor="system:worker")) as scope:
        flows.prune_logs(scope=scope)
