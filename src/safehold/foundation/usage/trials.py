"""How this room's permission is tried, on a canary tenant."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.trials import Trial
from safehold.foundation.scope.clock import now
from safehold.foundation.usage import selectors

__all__ = ["TRIALS"]

TRIALS = (
    Trial(
        Permission.USAGE_READ,
        "read the usage",
        lambda scope: selectors.counts(scope=scope, first=now().date(), last=now().date()),
    ),
)
