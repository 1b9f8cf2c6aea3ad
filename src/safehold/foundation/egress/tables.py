"""This room's exceptions from the rules of tenants' tables, with the reason."""

from __future__ import annotations

__all__ = ["OPEN_POLICIES"]

OPEN_POLICIES: dict[str, str] = {"egress_destination.platforms_own": "Where the platform itself sends to."}
