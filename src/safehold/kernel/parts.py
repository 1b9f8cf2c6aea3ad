"""Several sealed values in one column, each under a key of its own: `specs/sealed-field.md`, section "Several in one".

One value stands by itself, as a sealed field. Several stand behind a zero byte, which no sealed field begins with, each
after its length in four bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safehold.kernel.errors import Tampered
from safehold.kernel.framing import frame

__all__ = ["SEVERAL", "join", "split"]

SEVERAL: Final = 0
_LENGTH: Final = 4


def join(parts: Sequence[bytes]) -> bytes:
    """The bytes of one or more sealed values, none of them empty and none beginning with a zero byte.

    Raises ValueError where there is nothing to join, or where a part could be taken for several.
    """
    if not parts or any(not part or part[0] == SEVERAL for part in parts):
        raise ValueError("there is nothing to join, or it is joined already")
    return parts[0] if len(parts) == 1 else bytes((SEVERAL,)) + frame(*parts)


def split(data: bytes) -> list[bytes]:
    """The values that `join` joined; `Tampered` unless `join` would write exactly these bytes."""
    if data[:1] != bytes((SEVERAL,)):
        return [data]
    parts, at = [], 1
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        parts.append(data[at + _LENGTH : end])
        at = end
    if at != len(data) or len(parts) < 2 or any(not part or part[0] == SEVERAL for part in parts):
        raise Tampered
    return parts
