"""What the worker forgets: counts that have been kept long enough."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.foundation.usage import flows

__all__ = ["forget_old_usage"]


@app.periodic(cron="37 3 * * *", periodic_id="forget-old-usage")
@app.task(queueing_lock="forget-old-usage", pass_context=False)
def forget_old_usage(timestamp: int) -> None:
    """Forget each tenant's old counts, in a transaction each. `timestamp` is the planned second (since 1970)."""
    for tenant_id in _tenants():
        with scoped(tenancy.system_scope(tenant_id, "worker")) as scope:
            flows.forget_old_counts(scope=scope)


def _tenants() -> list[UUID]:
    with scoped(tenancy.platform_scope("worker")) as platform:
        customers = list(tenancy.list_tenants(platform).values_list("id", flat=True))
    return [*customers, *tenancy.canaries()]
