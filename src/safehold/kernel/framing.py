"""Framing: several byte strings in one, so that no two different lists of parts give the same bytes."""

from __future__ import annotations

__all__ = ["frame"]


def frame(*parts: bytes) -> bytes:
    """Each part behind its length in four bytes, big-endian: before parts are signed, sealed or hashed together."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])
