"""How this room keeps promises: its write paths. The texts of what it keeps stand in `access` and `audit`."""

from __future__ import annotations

from safehold.foundation.tenancy.probes import WRITE_PROBES

__all__ = ["WRITE_PROBES"]
