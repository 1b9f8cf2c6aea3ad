"""Verifying a log where it is stored: events, places, chain and tree against signed heads, inside and outside.

What the offline verifier does with an export, done in place, and what an export can't show: that the columns beside the
hashed bytes say the same, that no event lies beside the log without a place in it, and that the database holds no less
than the anchors outside it. A long log is read from where it was verified last; its older events in turns, a stretch an
hour.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from safehold.foundation.audit import anchors, selectors
from safehold.foundation.audit.conf import REREAD, WINDOW
from safehold.foundation.audit.models import Head
from safehold.foundation.audit.moments import micros
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import installation
from safehold.foundation.audit.stored import Cursor, Sealed, stretch, tile_reader
from safehold.foundation.scope.scope import Scope
from safehold.kernel import chain, merkle
from safehold.kernel.auditevent import LOGS, SEALED, origin_of
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.errors import Tampered
from safehold.kernel.merkle import Frontier
from safehold.kernel.tiles import WIDTH, TileReader
from safehold.kernel.verifier import LATE, SKEW

__all__ = ["Verified", "verify_log"]

Mark = tuple[int, bytes, bytes]
"""Size, root and chain up to which a log was verified before."""

_PATIENCE = 10
_MOST_NOTES = 200
"""Signed heads that are kept and met on the way: the newest ones."""


@dataclass(slots=True)
class Verified:
    """What verifying a log found: how far it goes, which events were read, and the first fault, if any.

    `purged` is the place below which events may be gone, by the log's own records. `told` is what a log of logs says in
    the events that were read: the last size and root of each log.
    """

    origin: str
    size: int = 0
    root: bytes = b""
    chain: bytes = b""
    read: int = 0
    fault: str = ""
    anchored: int | None = None
    told: dict[str, tuple[int, str]] = field(default_factory=dict)
    purged: int = 0


def verify_log(*, scope: Scope, now: datetime, log: UUID | None = None) -> Verified:
    """Verify the scope's log, or another one that its policies open to it, in the open transaction."""
    place, log = installation(), log or scope.log_id
    found = Verified(origin_of(place.id, log))
    # What speaks of the head is read before it: the sealer, and another verification, may move on between the two, and
    # a head that is older than what is said of it would look like one that was cut.
    note = anchors.read(place.anchors, log)
    kept = [size for size, _ in selectors.signed_sizes(scope=scope, log=log)][-_MOST_NOTES:]
    point = selectors.verified_point(scope=scope, origin=found.origin)
    head = selectors.head(scope=scope, log=log)
    if head is None:
        found.fault = "It is anchored outside the database and gone from inside." if note is not None else ""
        return found
    try:
        _Walk(scope, log, found, head).run(note, kept, point, now)
    except Tampered as fault:
        found.fault = fault.message
    return found


class _Walk:
    """One log on its way from the first event that is read to its head."""

    def __init__(self, scope: Scope, log: UUID, found: Verified, head: Head) -> None:
        self.scope, self.log, self.found, self.head = scope, log, found, head
        self.keys = published_keys(installation())
        records = [one for one in selectors.purges(scope=scope, log=log) if one.index is not None]
        self.records = [(one.index or 0, one.said) for one in records]
        found.purged = max((said.minimum for _, said in self.records), default=0)
        self.after = 0

    def run(self, anchor: str | None, kept: Sequence[int], point: Mark | None, now: datetime) -> None:
        """All of it; raises `Tampered` at the first fault."""
        with connection.cursor() as cursor:
            tree = TileReader(self.head.size, tile_reader(cursor, self.log))
            stations = self._stations(anchor, kept)
            self._start(tree, point)
            first = self.frontier.size
            for size in sorted(size for size in stations if size <= first):
                self._meet(stations[size], tree.frontier(size).root(), None)
                self._pass(stations[size])
            for size in sorted({self.head.size, *(size for size in stations if size > first)}):
                met = stations.get(size, [])
                self._read_to(cursor, size, min((one.time + SKEW for one in met), default=None))
                self._meet(met, self.frontier.root(), self.chain)
                self._pass(met)
            self._compare_head(tree)
            self._compare_records(tree)
            self._count(now)
            if first:
                self._reread(cursor, tree, first, now)
        self.found.size, self.found.root, self.found.chain = self.frontier.size, self.frontier.root(), self.chain

    def _stations(self, anchor: str | None, kept: Sequence[int]) -> dict[int, list[Checkpoint]]:
        """The signed heads to meet, by size: the anchor, the newest, and those that are kept."""
        head, size = self.head, self.head.size
        notes = selectors.notes(scope=self.scope, log=self.log, sizes=kept)
        if head.note is not None:
            notes.append(bytes(head.note).decode())
            anchor = anchor or self._late_anchor()
        if anchor is not None:
            notes.append(anchor)
            self.found.anchored = open_checkpoint(anchor, self.keys, self.found.origin).size
            if self.found.anchored > size:
                raise Tampered(
                    f"{self.found.anchored} events are anchored, {size} are stored: it was cut or rolled back."
                )
        stations: dict[int, list[Checkpoint]] = {}
        for note in notes:
            one = open_checkpoint(note, self.keys, self.found.origin)
            if one.size > size:
                raise Tampered(f"{one.size} events are signed for, {size} are stored: the tail was cut.")
            stations.setdefault(one.size, []).append(one)
        return stations

    def _late_anchor(self) -> str:
        """The first anchor of a log is written a moment after its first signed head is committed."""
        for _ in range(_PATIENCE):
            if note := anchors.read(installation().anchors, self.log):
                return note
            time.sleep(0.1)
        raise Tampered("Its head is signed, but there is no anchor outside the database.")

    def _start(self, tree: TileReader, point: Mark | None) -> None:
        """Begin at the first event, or for a long log where it was verified last."""
        self.frontier, self.chain = Frontier(), chain.start(self.found.origin)
        if self.head.size <= REREAD or point is None:
            return
        size, root, self.chain = point
        if size > self.head.size:
            raise Tampered(f"{size} events were verified before, {self.head.size} are stored: the tail was cut.")
        self.frontier = tree.frontier(size)
        if self.frontier.root() != root:
            raise Tampered(f"The first {size} events are not those that were verified before.")

    def _pass(self, met: list[Checkpoint]) -> None:
        """Nothing that follows these heads was written long before they were signed."""
        self.after = max([self.after, *(one.time - LATE for one in met)])

    def _read_to(self, cursor: Cursor, end: int, before: int | None) -> None:
        first = self.frontier.size
        digests = []
        for index, one in self._each(cursor, first, end):
            self._compare_date(one, before)
            digests.append(one.digest)
            self.chain = chain.extend(self.chain, one.digest)
            if one.chain != self.chain:
                raise Tampered(f"The chain breaks at place {index}.")
            if one.type == SEALED and one.body is not None:
                self._remember(json.loads(one.body))
        self.frontier.extend(digests)

    def _compare_date(self, one: Sealed, before: int | None) -> None:
        """Between the signed heads around it; a purged event's date is gone with it, and what said it in the log."""
        if one.body is None or self.log == LOGS:
            return
        at = micros(one.at)
        if at < self.after or (before is not None and at > before):
            raise Tampered(f"The event at place {one.index} has another date than the signed heads around it allow.")

    def _each(self, cursor: Cursor, first: int, end: int) -> Iterator[tuple[int, Sealed]]:
        """Each place of a stretch with its event, which has to be there and to be what was sealed."""
        index = first
        for one in stretch(cursor, self.log, first, end):
            if one.index != index:
                raise Tampered(f"Place {index} is missing.")
            self._check(one)
            yield index, one
            index += 1
            self.found.read += 1
        if index != end:
            raise Tampered(f"Place {index} is missing.")

    def _check(self, one: Sealed) -> None:
        if one.body is None:
            if one.index < self.found.purged:  # its leaf has its place in chain and tree all the same
                return
            raise Tampered(f"The event at place {one.index} is gone.")
        if merkle.leaf_hash(one.body) != one.digest:
            raise Tampered(f"The event at place {one.index} was changed.")
        said = self._said(one.index, one.body)
        stored = (str(one.event_id), one.type, one.actor, one.target, micros(one.at), self.found.origin)
        if tuple(map(said.get, ("id", "type", "actor", "on", "at", "log"))) != stored:
            raise Tampered(f"The event at place {one.index} is shown as something else than was sealed.")

    def _said(self, index: int, body: bytes) -> Mapping[str, object]:
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Tampered(f"What stands at place {index} is no event.")
        return said

    def _remember(self, said: Mapping[str, Mapping[str, object]]) -> None:
        fields = said["fields"]
        self.found.told[str(said["on"])] = int(str(fields["size"])), str(fields["root"])

    def _meet(self, stations: list[Checkpoint], root: bytes, head: bytes | None) -> None:
        for one in stations:
            if one.root != root or (head is not None and one.chain != head):
                raise Tampered(f"The first {one.size} events are not those that were signed: it was rewritten.")

    def _compare_head(self, tree: TileReader) -> None:
        head, root = self.head, self.frontier.root()
        stored = bytes(head.root), bytes(head.chain), bytes(head.frontier)
        if stored != (root, self.chain, self.frontier.to_bytes()):
            raise Tampered(f"The stored head at {head.size} is not what its events lead to.")
        if tree.frontier(head.size).root() != root:
            raise Tampered("The stored tree is not what its events lead to.")

    def _compare_records(self, tree: TileReader) -> None:
        """Each purge that the log tells of is one of events before it, and names a head that the log had."""
        for index, said in self.records:
            if said.minimum > index or tree.frontier(said.minimum).root() != said.root:
                raise Tampered(f"The purge record at place {index} is forged: the log never had the head it names.")

    def _count(self, now: datetime) -> None:
        """No event beside the log; those of the last minute may still wait for their place."""
        count = selectors.without_place(log=self.log, before=now - timedelta(minutes=1))
        if count:
            raise Tampered(f"{count} events have no place in the log: they were slipped in, or never sealed.")

    def _reread(self, cursor: Cursor, tree: TileReader, before: int, now: datetime) -> None:
        """A stretch of what was verified earlier, another one each hour, held to the same root tile by tile."""
        hours = micros(now) // 3_600_000_000
        first = hours * WINDOW % before // WIDTH * WIDTH
        end = min(first + WINDOW, before)
        list(self._each(cursor, first, end))
        for index in range(first, end, WIDTH):
            leaf = next(one.digest for one in stretch(cursor, self.log, index, index + 1))
            path = merkle.inclusion_proof(index, self.head.size, tree.subtree)
            merkle.verify_inclusion(index, self.head.size, leaf, path, self.frontier.root())
