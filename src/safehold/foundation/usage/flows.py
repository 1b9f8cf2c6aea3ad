"""Writes of counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection

from safehold.foundation.scope.clock import now
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.scope import Scope
from safehold.foundation.usage.conf import KEPT_MONTHS
from safehold.foundation.usage.models import Count

__all__ = ["add_counts", "forget_old_counts"]

_ROOM = "safehold.foundation.usage"


def add_counts(*, scope: Scope, counted: Mapping[tuple[date, str], int]) -> None:
    """Add what was counted, by day and route, to the scope's tenant."""
    if not counted:
        return
    values: dict[str, Any] = {
        "tenant": scope.tenant,
        "days": [day for day, _ in counted],
        "routes": [route for _, route in counted],
        "counts": list(counted.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql_parts(_ROOM, "statements.sql")["add"], values)


def forget_old_counts(*, scope: Scope) -> int:
    """Delete the tenant's counts that are older than they are kept. Returns how many rows went."""
    found, _ = Count.objects.filter(tenant_id=scope.tenant, day__lt=_first_kept(now().date())).delete()
    return found


def _first_kept(today: date) -> date:
    """The same day so many months ago; the first of the next month where that month has no such day."""
    months = today.year * 12 + today.month - 1 - KEPT_MONTHS
    year, month = divmod(months, 12)
    try:
        return today.replace(year=year, month=month + 1)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
