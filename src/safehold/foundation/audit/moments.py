"""Moments as logs write them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

__all__ = ["first_id", "micros", "moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """A moment in whole microseconds."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(value: int) -> datetime:
    """The moment that so many microseconds name."""
    return _EPOCH + timedelta(microseconds=value)


def first_id(at: datetime) -> UUID:
    """The first id (UUIDv7) of a moment: a range of ids is a range of time."""
    return UUID(int=max(micros(at) // 1000, 0) << 80)
