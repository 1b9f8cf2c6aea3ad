"""How the promise about usage is proved. Its text stands in audit."""

from __future__ import annotations

from safehold.foundation.usage.probes.counted import use_is_counted_and_nothing_else
from safehold.kernel.promise import Check

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    Check(
        "AUD-9", "a member's requests are counted, and nothing else of them is kept", use_is_counted_and_nothing_else
    ),
)
