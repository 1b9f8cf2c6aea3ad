"""Every use of the queue by a tenant's scope: through the database's own doors, in the open transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.scope import Scope
from safehold.foundation.tenancy import selectors as tenancy

__all__ = ["end_jobs", "end_jobs_of_member", "queue_job"]


def queue_job(*, scope: Scope, task: str, **ids: UUID) -> bool:
    """Queue a job for the scope's tenant; it is stored with the transaction or not at all.

    False where the same one waits already. The database refuses a task that no room declares (`tasks.tenant_task`) and
    other ids than it asks for.
    """
    carried = Jsonb({key: str(value) for key, value in ids.items()})
    return bool(_ask("queue", {"task": task, "tenant": scope.tenant, "ids": carried}))


def end_jobs(*, scope: Scope, account: UUID) -> int:
    """Take the waiting jobs that an account asked for in the scope's tenant out of the queue. How many there were.

    One that runs already goes on: what it may still do is for its own flow to see.
    """
    scope.tenant  # noqa: B018  (raises outside a tenant)
    return int(_ask("end", {"account": account}))


def end_jobs_of_member(*, scope: Scope, member_id: UUID) -> int:
    """The same for whoever stands behind a member, or stood before they left."""
    account = tenancy.account_of_member(scope, member_id)
    return end_jobs(scope=scope, account=account) if account else 0


def _ask(name: str, values: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql_parts("safehold.foundation.jobs", "doors.sql")[name], values)
        return cursor.fetchone()[0]
