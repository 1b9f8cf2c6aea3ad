"""What the worker sweeps up: files that uploads which were cut off have left in the store."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from procrastinate.contrib.django import app

from safehold.foundation.objects import flows
from safehold.foundation.objects.installed import current_store
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import NotFound

__all__ = ["sweep_objects"]


@app.periodic(cron="43 * * * *", periodic_id="sweep-objects")
@app.task(queueing_lock="sweep-objects", pass_context=False)
def sweep_objects(timestamp: int) -> None:
    """Sweep each tenant's files, in a transaction each. `timestamp` is the planned second (since 1970)."""
    for prefix in current_store().prefixes():
        with suppress(ValueError, NotFound):  # no tenant's: nothing of ours, and the check of ISO-7 says so
            scope = tenancy.system_scope(UUID(prefix), "worker")
            with scoped(scope):
                flows.sweep(scope=scope)
