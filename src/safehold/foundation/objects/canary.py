"""What is planted in the canary tenants: a file with a known text, large enough to have several chunks."""

from __future__ import annotations

from typing import Final

from safehold.foundation.keys import canaries

__all__ = ["KIND", "LABEL", "UPLOAD_KEY", "planted"]

KIND: Final = "canary"
UPLOAD_KEY: Final = "canary"
LABEL: Final = canaries.declare("objects/content")
_LINES = 1400


def planted() -> bytes:
    """The text of the planted file: one phrase on every line."""
    return f"{canaries.phrase(LABEL)}\n".encode() * _LINES
