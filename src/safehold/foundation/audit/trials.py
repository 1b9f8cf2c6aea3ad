"""How this room's permissions are tried, on a canary tenant's log."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.trials import Trial
from safehold.foundation.audit import listing
from safehold.foundation.audit.selectors.activity import Filters, activity

__all__ = ["TRIALS"]

TRIALS = (
    Trial(Permission.ACTIVITY_READ, "read the activity", lambda scope: activity(scope=scope, limit=1)),
    Trial(
        Permission.ACTIVITY_EXPORT,
        "take the activity out",
        lambda scope: listing.export_list(scope=scope, filters=Filters(actor="member:nobody")),
    ),
)
