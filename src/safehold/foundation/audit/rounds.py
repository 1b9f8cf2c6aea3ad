"""Rounds: signing the heads that have grown, anchoring them outside the database, telling the log of logs.

Signing is cheap and done every round; the newest note stands in the log's head and its anchor. Once a minute a note is
also kept for good and told to the log of logs. The order keeps every crash harmless: heads are committed before they
are signed, notes before they are anchored, so an anchor never claims what the database could still forget.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from safehold.foundation.audit import anchors, conf
from safehold.foundation.audit.lineage import Lineage, contains
from safehold.foundation.audit.moments import micros, moment
from safehold.foundation.audit.statements import Connection, statement
from safehold.foundation.audit.stored import tile_reader
from safehold.foundation.scope import clock
from safehold.kernel.auditevent import LOGS, sealed_event
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.errors import Tampered
from safehold.kernel.installation import Installation
from safehold.kernel.merkle import Frontier
from safehold.kernel.note import Signer

__all__ = ["anchor_again", "complain", "sign_heads"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Head:
    """A log whose head is to be signed."""

    log: UUID
    origin: str
    chain: bytes
    frontier: bytes
    root: bytes
    size: int
    checked_at: datetime
    told_size: int
    told_at: datetime


@dataclass(frozen=True, slots=True)
class _Signed:
    """A head that was signed; `told` says that it is also kept and told to the log of logs."""

    log: UUID
    said: Checkpoint
    note: str
    told: bool

    @property
    def columns(self) -> dict[str, Any]:
        at = moment(self.said.time)
        note = self.note.encode()
        return {"logs": self.log, "sizes": self.said.size, "times": at, "roots": self.said.root, "notes": note}


def sign_heads(
    connection: Connection, place: Installation, key: Signer, lineage: Lineage, *, tell: float = conf.TELL_SECONDS
) -> int:
    """One round. `tell` is for how many seconds a log may go untold. Returns how many heads it signed.

    Returns 0 where another sealer has the turn.
    """
    with connection.transaction():
        if connection.execute(statement("sealer", "lock")).fetchone() is None:
            return 0
        signed = []
        for head in _due(connection, tell):
            try:
                _hold_to_anchor(connection, place, key, lineage, head)
            except Tampered as fault:
                complain(connection, head.log, fault.message)
            else:
                signed.append(_sign(head, key, tell))
        _store(connection, signed)
    anchors.write(place.anchors, {one.log: one.note for one in signed})
    return len(signed)


def _due(connection: Connection, tell: float) -> list[_Head]:
    values = {"most": conf.HEADS_A_ROUND, "tell": tell, "now": clock.now()}
    return [_Head(*row) for row in connection.execute(statement("sealer", "due"), values)]


def _hold_to_anchor(connection: Connection, place: Installation, key: Signer, lineage: Lineage, head: _Head) -> None:
    """Raise `Tampered` where this head doesn't grow out of the one that is anchored."""
    frontier = Frontier.from_bytes(head.frontier)
    if (frontier.size, frontier.root()) != (head.size, head.root):
        raise Tampered(f"The stored head at {head.size} does not fit itself.")
    if lineage.holds(head.log, (head.size, head.root)):
        return
    note = anchors.read(place.anchors, head.log)
    if note is not None:
        anchor = open_checkpoint(note, [key.verifier], head.origin)
        contains(frontier, anchor, tile_reader(connection.cursor(), head.log))
    lineage.start(head.log, (head.size, head.root))


def anchor_again(connection: Connection, place: Installation, key: Signer) -> None:
    """Write the anchors that a crash kept from being written: those that are missing or older than the signed head."""
    notes: dict[UUID, str] = {}
    with connection.transaction():
        for log, origin, frontier, note in connection.execute(statement("sealer", "signed")).fetchall():
            text, anchored = bytes(note).decode(), anchors.read(place.anchors, log)
            if text == anchored:
                continue
            try:
                said = open_checkpoint(text, [key.verifier], origin)
                if anchored is not None:
                    held = open_checkpoint(anchored, [key.verifier], origin)
                    contains(Frontier.from_bytes(frontier), held, tile_reader(connection.cursor(), log))
                    if held.size > said.size:
                        continue
            except Tampered as fault:
                complain(connection, log, fault.message)
            else:
                notes[log] = text
    anchors.write(place.anchors, notes)


def complain(connection: Connection, log: UUID, trouble: str) -> None:
    """Say what is wrong with a log: in its row, where checks see it, and once in the process's log."""
    done = connection.execute(statement("sealer", "set_trouble"), {"log": log, "trouble": trouble})
    if done.rowcount:
        _logger.error("log %s: %s", log, trouble)


def _sign(head: _Head, key: Signer, tell: float) -> _Signed:
    now = clock.now()
    said = Checkpoint(head.origin, head.size, head.root, head.chain, micros(max(now, head.checked_at)))
    told = said.size > head.told_size and now - head.told_at >= timedelta(seconds=tell)
    return _Signed(head.log, said, said.sign(key), told)


def _store(connection: Connection, signed: list[_Signed]) -> None:
    for name, chosen in (("set_notes", signed), ("keep_checkpoints", [one for one in signed if one.told])):
        if chosen:
            columns = [one.columns for one in chosen]
            values = {column: [one[column] for one in columns] for column in columns[0]}
            connection.execute(statement("sealer", name), values)
    _tell(connection, [one.said for one in signed if one.told and one.log != LOGS])


def _tell(connection: Connection, checkpoints: list[Checkpoint]) -> None:
    """An event in the log of logs for each head: one checkpoint then stands for all, and no log can vanish whole."""
    rows = []
    for one in checkpoints:
        now = clock.now()
        event = sealed_event(
            id=clock.new_id(), at=micros(now), of=one.origin, size=one.size, root=one.root, chain=one.chain
        )
        rows.append((LOGS, event.id, now, event.type, event.actor, event.on, event.encode(), None))
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(statement("record", "record_many"), columns)
