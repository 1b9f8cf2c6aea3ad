"""Which destinations there are."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from safehold.foundation.egress.models import Destination
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound

__all__ = ["destination", "destinations"]


def destinations(scope: Scope) -> QuerySet[Destination]:
    """Where the scope's tenant, or the platform, may send to now, the newest first."""
    return Destination.objects.filter(tenant_id=scope.log_id, ended_at=None).order_by("-added_at", "-id")


def destination(scope: Scope, destination_id: UUID) -> Destination:
    """One of them, whether or not it has ended."""
    row = Destination.objects.filter(tenant_id=scope.log_id, id=destination_id).first()
    if row is None:
        raise NotFound("There is no such destination.")
    return row
