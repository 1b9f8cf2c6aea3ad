"""Tables that stand outside the tenants, each with its reason."""

from __future__ import annotations

__all__ = ["EXEMPT"]

_REASON = "speaks of the installation, holds no tenant's data, and is public on the trust page"

EXEMPT: dict[str, str] = {"assurance_run": _REASON, "assurance_result": _REASON}
