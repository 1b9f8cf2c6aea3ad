"""What the owner role sets right at each start: who may use the queue, and what tenants may put there."""

from __future__ import annotations

from django.db import connection, transaction

from safehold.foundation.jobs.tasks import registered
from safehold.foundation.scope.migrations_support import sql_parts

__all__ = ["settle_queue"]


@transaction.atomic
def settle_queue() -> None:
    """Take every right on the queue back, grant its own login what it needs, and register the tasks of the rooms."""
    parts, tasks = sql_parts("safehold.foundation.jobs", "rights.sql"), registered()
    with connection.cursor() as cursor:
        cursor.execute(parts["take_back"])
        cursor.execute(parts["grant"])
        cursor.execute(parts["forget_others"], [sorted(tasks)])
        for name, ids in sorted(tasks.items()):
            cursor.execute(parts["register"], [name, list(ids)])
