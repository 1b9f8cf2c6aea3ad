"""Which destinations there are."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from safehold.foundation.egress.models import Destination
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound

__all__ = ["destination", "destinations"]


def destinations(scope: Scope, *, ended: bool = False) -> QuerySet[Destination]:
    """Where the scope's tenant, or the platform, may send to now, the newest first; `ended`: or might once."""
    rows = Destination.objects.filter(tenant_id=scope.log_id).order_by("-added_at", "-id")
    return rows if ended else rows.filter(ended_at=None)


def destination(scope: Scope, destination_id: UUID) -> Destination:
    """One of them, whether or not it has ended."""
    row = Destination.objects.filter(tenant_id=scope.log_id, id=destination_id).first()
    if row is None:
        raise NotFound("There is no such destination.")
    return row
