"""What the worker tidies up: sessions that are over, and counters whose window is."""

from __future__ import annotations

from procrastinate.contrib.django import app

from safehold.foundation.identity import flows
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped

__all__ = ["tidy_identity"]


@app.periodic(cron="23 * * * *", periodic_id="tidy-identity")
@app.task(queueing_lock="tidy-identity", pass_context=False)
def tidy_identity(timestamp: int) -> None:
    """Drop what nobody can use any more. `timestamp` is the planned second (since 1970)."""
    scope = Scope(Kind.SIGN_IN, actor="system:worker")
    with scoped(scope):
        flows.forget_ended_sessions(scope=scope)
        flows.forget_old_tries(scope=scope)
