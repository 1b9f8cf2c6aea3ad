"""Policies of this room of another form than the tenant's, with the reason."""

from __future__ import annotations

__all__ = ["OPEN_POLICIES"]

OPEN_POLICIES: dict[str, str] = {
    "anchors_place.platforms_own": "Whom the platform itself gives heads of the log of logs.",
    "anchors_receipt.platforms_own": "What they gave back to the platform.",
    "anchors_place.due_places": "The platform's job sees which are due, and tenants who holds the platform's heads.",
}
