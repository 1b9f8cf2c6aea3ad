"""Fixed numbers of this room."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["LEFT_OVER_AFTER", "LONGEST_UPLOAD_KEY", "PART", "PIECE"]

PIECE = 1 << 20
"""Bytes that go through memory at once."""

PART = 4 << 20
"""Bytes that are sent to the store at once. Two of these may be under way."""

LEFT_OVER_AFTER = timedelta(hours=1)
"""A file that nobody has written to for so long, and that no row stands for, was left by an upload that was cut off."""

LONGEST_UPLOAD_KEY = 100
"""Characters that the key of an upload may have."""
