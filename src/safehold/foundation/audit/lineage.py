"""Whether a head grew, step by step in this very process, out of one that this process has held to its anchor.

As long as it did, the head can be signed at once. Where the line is broken (after a start, after another sealer had its
turn, or because somebody changed the head in the database) the stored tree is compared with the anchored checkpoint
first, and a log that doesn't contain what was anchored is not signed: it was cut, rewritten or rolled back.
"""

from __future__ import annotations

from uuid import UUID

from safehold.kernel.checkpoint import Checkpoint
from safehold.kernel.errors import Tampered
from safehold.kernel.merkle import Frontier
from safehold.kernel.tiles import ReadTile, TileReader

__all__ = ["Lineage", "Mark", "contains"]

Mark = tuple[int, bytes]
"""A size and the root at that size."""


class Lineage:
    """The marks up to which each log's line is unbroken."""

    def __init__(self) -> None:
        self._marks: dict[UUID, Mark] = {}

    def holds(self, log: UUID, mark: Mark) -> bool:
        """Whether the line reaches exactly to this head."""
        return self._marks.get(log) == mark

    def grow(self, log: UUID, before: Mark, after: Mark) -> None:
        """This process has taken a log from one head to the next."""
        if self.holds(log, before):
            self._marks[log] = after
        else:
            self._marks.pop(log, None)

    def start(self, log: UUID, mark: Mark) -> None:
        """This head has been held to its anchor."""
        self._marks[log] = mark


def contains(head: Frontier, anchor: Checkpoint, read: ReadTile) -> None:
    """Raise `Tampered` unless the stored tree has this head and begins with the anchored one."""
    if anchor.size > head.size:
        raise Tampered(f"The log was cut: {anchor.size} events are anchored, {head.size} are stored.")
    tree = TileReader(head.size, read)
    if tree.frontier(head.size).root() != head.root():
        raise Tampered(f"The stored tree does not lead to the head at {head.size}.")
    if tree.frontier(anchor.size).root() != anchor.root:
        raise Tampered(f"The log was rewritten: its first {anchor.size} events are not those that are anchored.")
