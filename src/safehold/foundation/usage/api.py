"""The API's face of usage."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest
from ninja import Query, Router, Schema

from safehold.foundation.access.api import operation
from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.request import request_scope
from safehold.foundation.usage import selectors

__all__ = ["router"]

router = Router(tags=["Usage"])


class UsageOut(Schema):
    """How often one kind of page or action was asked for on one day."""

    day: date
    route: str
    count: int


class UsagePeriod(Schema):
    """Which days, both included; the last 30 unless said otherwise."""

    first: date | None = None
    last: date | None = None


@router.get("usage", response=list[UsageOut])
@operation(Permission.USAGE_READ)
def list_usage(request: HttpRequest, wanted: Query[UsagePeriod]) -> list[selectors.Row]:
    """Page views and actions by day and route. Counts are a few seconds behind, and kept for 13 months."""
    last = wanted.last or now().date()
    first = wanted.first or last - timedelta(days=29)
    return selectors.counts(scope=request_scope(request), first=first, last=last)
