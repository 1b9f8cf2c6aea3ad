"""The sealer: gives every committed event its place in its log, and signs heads.

One pass is one transaction: it takes the turn (a row lock), reads what has come to rest since the last pass, and writes
places, inner hashes and heads. Killed at any point it has written all of a pass or nothing of it; started twice, one
waits. Every round it signs the heads that have grown (`rounds.py`).
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from threading import Event as Stop
from typing import Any
from uuid import UUID

import psycopg

from safehold.foundation.audit import conf
from safehold.foundation.audit.growth import Batch, Log
from safehold.foundation.audit.lineage import Lineage
from safehold.foundation.audit.rounds import anchor_again, complain, sign_heads
from safehold.foundation.audit.signing import signer
from safehold.foundation.audit.statements import Connection, connect, installation, statement
from safehold.kernel.auditevent import origin_of
from safehold.kernel.errors import Tampered
from safehold.kernel.installation import Installation
from safehold.kernel.merkle import Frontier
from safehold.kernel.note import Signer

__all__ = ["Sealer", "run_forever"]

_logger = logging.getLogger(__name__)
_NO_ID = UUID(int=0)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_SPOILT = (psycopg.IntegrityError, Tampered)


class Sealer:
    """The sealer's work, over one connection under the role `sealer`."""

    def __init__(self, connection: Connection, place: Installation, key: Signer) -> None:
        self.connection = connection
        self.place = place
        self.key = key
        self.lineage = Lineage()
        self._first = True
        self._since = _EVER
        self._next_round = 0.0
        self._next_heartbeat = 0.0
        self._next_months = 0.0
        with connection.transaction():
            connection.execute(statement("sealer", "publish_key"), {"key": str(key.verifier)})
            # Events of a log that was in trouble were left behind; it may have been mended since.
            self._from_start = bool(connection.execute(statement("sealer", "troubled")).fetchone())
        anchor_again(connection, place, key)

    def seal(self, most: int = conf.BATCH) -> int:
        """One pass: seal up to `most` events. Returns how many it sealed; 0 too where another sealer has the turn."""
        with self.connection.transaction():
            turn = self.connection.execute(statement("sealer", "lock")).fetchone()
            if turn is None:
                return 0
            xid, last_id, horizon, old_life, since = turn
            over = old_life or self._from_start
            start = {"xid": "0", "id": _NO_ID} if over else {"xid": xid, "id": last_id}
            self._since = _EVER if over or self._first else since
            values = {**start, "over": over, "horizon": horizon, "most": most, "since": self._since}
            rows = self.connection.execute(statement("sealer", "take"), values, binary=True).fetchall()
            self._seal_rows(rows)
            if rows or time.monotonic() >= self._next_heartbeat:
                reached = (rows[-1][2], rows[-1][1]) if len(rows) == most else (horizon, _NO_ID)
                values = {"xid": reached[0], "id": reached[1], "since": self._since}
                self.connection.execute(statement("sealer", "move_on"), values)
                self._next_heartbeat = time.monotonic() + conf.HEARTBEAT_SECONDS
        self._from_start = self._from_start and len(rows) == most
        self._first = self._first and len(rows) == most
        return len(rows)

    def sign(self, *, tell: float = conf.TELL_SECONDS) -> int:
        """One round: sign the heads that have grown and anchor them; tell the log of logs. Returns how many."""
        return sign_heads(self.connection, self.place, self.key, self.lineage, tell=tell)

    def catch_up(self) -> int:
        """Seal until nothing that may be sealed waits; sign and tell what has grown. Returns the number of events."""
        total = 0
        while sealed := self.seal():
            total += sealed
        while self.sign(tell=0):  # A round puts events into the log of logs: they and its head follow.
            while sealed := self.seal():
                total += sealed
        return total

    def step(self) -> bool:
        """What `run_forever` repeats: a pass, and a round when one is due. True if more is waiting."""
        full = self.seal() == conf.BATCH
        if time.monotonic() >= self._next_months:
            self.make_months()
            self._next_months = time.monotonic() + conf.MONTHS_SECONDS
        if time.monotonic() >= self._next_round:
            self.sign()
            self._next_round = time.monotonic() + conf.ROUND_SECONDS
        return full

    def make_months(self) -> None:
        """See to it that the months to come have their parts in the table of events.

        Sealing doesn't wait for it: without its month an event lies in its class's rest, and AUD-4 says so.
        """
        try:
            self.connection.execute(statement("sealer", "make_months"))
        except (psycopg.errors.RestrictViolation, psycopg.errors.LockNotAvailable) as error:
            _logger.warning("the parts of the months to come can't be made: %s", error.diag.message_primary)

    def _seal_rows(self, rows: list[tuple[Any, ...]]) -> None:
        """Seal events of many logs at once; where that fails, log by log, so that a spoilt one stops no other."""
        events: dict[UUID, list[tuple[UUID, bytes]]] = {}
        for log, event_id, _, digest in rows:
            events.setdefault(log, []).append((event_id, digest))
        try:
            self._seal_logs(events)
        except _SPOILT:
            for log, new in events.items():
                try:
                    self._seal_logs({log: new})
                except _SPOILT as fault:
                    trouble = f"Its events can't be sealed: what is stored of it contradicts itself ({fault})."
                    complain(self.connection, log, trouble)

    def _seal_logs(self, events: dict[UUID, list[tuple[UUID, bytes]]]) -> None:
        with self.connection.transaction():
            self._write(self._grow(events))

    def _grow(self, events: dict[UUID, list[tuple[UUID, bytes]]]) -> Batch:
        batch = Batch()
        logs = self._logs(list(events))
        for log, new in events.items():
            before = logs[log].size, logs[log].frontier.root()
            batch.add(logs[log], new)
            self.lineage.grow(log, before, (logs[log].size, batch.heads[-1][-1]))
        return batch

    def _logs(self, ids: list[UUID]) -> dict[UUID, Log]:
        """The logs as they stand; those without a head yet are new."""
        found = {log: Log.new(log, origin_of(self.place.id, log)) for log in ids}
        for log, chain, frontier in self.connection.execute(statement("sealer", "heads"), {"logs": ids}):
            found[log].chain, found[log].frontier = chain, Frontier.from_bytes(frontier)
        return found

    def _write(self, batch: Batch) -> None:
        for name, columns, rows in (
            ("add_leaves", ("logs", "indexes", "events", "digests", "chains"), batch.leaves),
            ("add_nodes", ("logs", "levels", "indexes", "hashes"), batch.nodes),
            ("set_heads", ("logs", "origins", "sizes", "chains", "frontiers", "roots"), batch.heads),
        ):
            if rows:
                values = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
                self.connection.execute(statement("sealer", name), values)


def run_forever(stop: Stop) -> None:
    """Seal until `stop` is set. A database that goes away is waited for; nothing is lost meanwhile."""
    place = installation()
    key = signer(place)
    pause = conf.PASS_SECONDS
    while not stop.is_set():
        try:
            with connect("sealer") as connection:
                connection.autocommit = True
                sealer = Sealer(connection, place, key)
                pause = conf.PASS_SECONDS
                while not stop.is_set():
                    if not sealer.step():
                        stop.wait(conf.PASS_SECONDS)
        except (psycopg.Error, OSError) as error:
            # The database is away, or the folder of the anchors is full: nothing is lost, and both come back.
            _logger.warning("sealing is held up: %s", type(error).__name__)
            stop.wait(pause)
            pause = min(pause * 2, 5.0)
