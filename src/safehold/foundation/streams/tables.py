"""This room's exceptions from the rules of tenants' tables, with the reason."""

from __future__ import annotations

__all__ = ["OPEN_POLICIES"]

OPEN_POLICIES: dict[str, str] = {
    "streams_stream.platforms_own": "The platform's own stream, of its own log.",
    "streams_stream.register": "The worker finds, as the platform, which streams have something to send. Paths and "
    "keys lie sealed under their tenant's key, which no other scope opens.",
}
