"""The one place that asks for the time and makes ids."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

from safehold.kernel.ids import IdMaker

__all__ = ["new_id", "now"]

_maker = IdMaker()


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A new UUIDv7 of the present moment."""
    return _maker.make(time.time_ns() // 1_000_000)
