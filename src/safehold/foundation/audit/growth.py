"""What a batch of events adds to a log: places, chain heads, inner hashes. Pure: bytes in, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from safehold.kernel import chain, merkle
from safehold.kernel.merkle import Frontier
from safehold.kernel.tiles import WIDTH

__all__ = ["Batch", "Log", "completed"]


@dataclass(slots=True)
class Log:
    """A log as far as it is sealed: all that is needed to go on."""

    id: UUID
    origin: str
    frontier: Frontier
    chain: bytes

    @classmethod
    def new(cls, log: UUID, origin: str) -> Log:
        """A log without events."""
        return cls(log, origin, Frontier(), chain.start(origin))

    @property
    def size(self) -> int:
        """How many events it has."""
        return self.frontier.size


@dataclass(slots=True)
class Batch:
    """The rows that a batch writes, by columns."""

    leaves: list[tuple[UUID, int, UUID, bytes, bytes]] = field(default_factory=list)
    nodes: list[tuple[UUID, int, int, bytes]] = field(default_factory=list)
    heads: list[tuple[UUID, str, int, bytes, bytes, bytes]] = field(default_factory=list)

    def add(self, log: Log, events: Sequence[tuple[UUID, bytes]]) -> None:
        """Give these events (id, digest) the next places of `log`, which moves on."""
        index, head = log.size, log.chain
        for number, (event_id, digest) in enumerate(events, index):
            head = chain.extend(head, digest)
            self.leaves.append((log.id, number, event_id, digest, head))
        digests = [digest for _, digest in events]
        self.nodes += [(log.id, *node) for node in completed(log.frontier, digests)]
        log.frontier.extend(digests)
        log.chain = head
        self.heads.append((log.id, log.origin, log.size, head, log.frontier.to_bytes(), log.frontier.root()))


def completed(frontier: Frontier, leaves: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
    """The inner hashes (level, index, hash) over 256 of the level below that these leaves complete.

    The frontier holds what is needed of the hashes before: its last ones make up the begun 256 of level 0, those before
    them the begun 256 of level 1, and so on.
    """
    found: list[tuple[int, int, bytes]] = []
    size, known, hashes, level = frontier.size, frontier.hashes(), list(leaves), 1
    while hashes:
        begun = size % WIDTH
        cut = len(known) - begun.bit_count()
        inner = Frontier(begun, known[cut:])
        known, above = known[:cut], []
        for start in range(-begun, len(hashes), WIDTH):
            part = hashes[max(start, 0) : start + WIDTH]
            if start + WIDTH > len(hashes):
                break
            inner.extend(part)
            above.append(inner.root())
            inner = Frontier()
        found += [(level, size // WIDTH + at, one) for at, one in enumerate(above)]
        hashes, size, level = above, size // WIDTH, level + 1
    return found


def root_of(frontier: bytes) -> bytes:
    """The root that a stored frontier has."""
    return merkle.Frontier.from_bytes(frontier).root()
