"""The checks of the queue of background jobs: it keeps tenants apart like every table of theirs."""

from __future__ import annotations

from safehold.foundation.jobs.probes import queue_is_closed
from safehold.kernel.promise import Check

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (Check("ISO-1", "another tenant's background jobs", queue_is_closed),)
