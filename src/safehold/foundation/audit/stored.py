"""Reading a stored log: tiles of its tree, and its events in the order of their places.

Works over any cursor, so that the app reads under its scope's policies and the sealer under its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString, Protocol
from uuid import UUID

from safehold.foundation.audit.statements import statement
from safehold.kernel.tiles import WIDTH, ReadTile

__all__ = ["Cursor", "Sealed", "stretch", "tile_reader"]

_PAGE = 2_000
_GONE = (None, "", "", "", datetime(1970, 1, 1, tzinfo=UTC), None)
"""What stands for an event that isn't there any more."""


class Cursor(Protocol):
    """What Django's cursors and psycopg's have in common."""

    def execute(self, query: LiteralString, params: Any, /) -> object:
        """Run a statement."""

    def fetchone(self) -> Any:
        """The next row."""

    def fetchall(self) -> Any:
        """Every row left."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A place of a log and the event in it, as they are stored; `body` is None where the event is gone."""

    index: int
    event_id: UUID
    digest: bytes
    chain: bytes
    body: bytes | None
    type: str
    actor: str
    target: str
    at: datetime
    personal: bytes | None


def tile_reader(cursor: Cursor, log: UUID) -> ReadTile:
    """Reads the tiles of a log's stored tree."""

    def read(level: int, index: int) -> bytes:
        cursor.execute(statement("read", "tile"), {"log": log, "level": level, "start": index * WIDTH})
        row = cursor.fetchone()
        return bytes(row[0]) if row and row[0] else b""

    return read


def stretch(cursor: Cursor, log: UUID, first: int, end: int) -> Iterator[Sealed]:
    """The events at the places [first, end), a page at a time. A place that is missing altogether is left out."""
    for start in range(first, end, _PAGE):
        cursor.execute(statement("read", "leaves"), {"log": log, "start": start, "end": min(start + _PAGE, end)})
        leaves = [_bytes(row) for row in cursor.fetchall()]
        events = _events(cursor, log, [leaf[1] for leaf in leaves])
        for leaf in leaves:
            yield Sealed(*leaf, *events.get(leaf[1], _GONE))


def _events(cursor: Cursor, log: UUID, ids: list[UUID]) -> dict[UUID, list[Any]]:
    """The events with these ids that are there: one question to the few months that they lie in."""
    if not ids:
        return {}
    cursor.execute(statement("read", "events"), {"log": log, "least": min(ids), "most": max(ids), "ids": ids})
    return {row[0]: _bytes(row[1:]) for row in cursor.fetchall()}


def _bytes(row: Sequence[Any]) -> list[Any]:
    return [bytes(value) if isinstance(value, memoryview) else value for value in row]
