"""What the worker does every night: purging events that are older than their log's plan says."""

from __future__ import annotations

from procrastinate.contrib.django import app

from safehold.foundation.audit import retention, selectors
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.ids import PLATFORM

__all__ = ["purge_logs"]


@app.periodic(cron="17 2,3 * * *", periodic_id="purge-logs")
@app.task(queueing_lock="purge-logs", pass_context=False)
def purge_logs(timestamp: int) -> None:
    """Drop the months that are told of, and tell of those that have come to be over: the second run drops them.

    `timestamp` is the planned second (since 1970).
    """
    now = clock.now()
    retention.drop_months(now=now)
    with scoped(scope_of_log(PLATFORM, "retention")):
        logs = selectors.kept_logs()
    for log in logs:
        retention.record_due(log=log, now=now)
