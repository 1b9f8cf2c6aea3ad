"""The worker proves all promises on a schedule."""

from __future__ import annotations

from procrastinate.contrib.django import app

from safehold.assurance import flows, runner
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped

__all__ = ["prove_all"]


@app.periodic(cron="*/15 * * * *", periodic_id="prove-all")
@app.task(queueing_lock="prove-all", pass_context=False)
def prove_all(timestamp: int) -> None:
    """Run every check and keep what was found. `timestamp` is the planned second (since 1970)."""
    started_at = now()
    outcomes = list(runner.prove(runner.choose(())))
    scope = Scope(Kind.PLATFORM, actor="system:worker")
    with scoped(scope):
        flows.keep_run(scope=scope, cause="schedule", started_at=started_at, outcomes=outcomes)
