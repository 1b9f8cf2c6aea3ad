"""Limits of what goes out and of what is read back. Each keeps a slow or hostile destination from holding us up."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ANSWER_BYTES", "CONNECT_SECONDS", "READ_SECONDS", "TOTAL_SECONDS", "Purpose"]

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
"""How long one read may take."""

TOTAL_SECONDS = 30.0
"""How long an answer may take as a whole, however steadily it drips."""

ANSWER_BYTES = 64 * 1024


class Purpose(StrEnum):
    """What a destination is for. One registered for one purpose takes nothing of another."""

    WEBHOOK = "webhook"
    STREAM = "stream"
    WITNESS = "witness"
    TIME_STAMP = "time-stamp"
