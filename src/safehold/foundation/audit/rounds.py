"""Rounds: signing the heads that have grown, anchoring them outside the database, telling the log of logs.

The order keeps every crash harmless: the checkpoint is committed before its anchor is written, and a head is committed
before either, so an anchor never claims what the database could still forget.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from safehold.foundation.audit import anchors, conf
from safehold.foundation.audit.lineage import Lineage, contains, tile_reader
from safehold.foundation.audit.moments import micros, moment
from safehold.foundation.audit.statements import Connection, statement
from safehold.foundation.scope import clock
from safehold.kernel.auditevent import LOGS, sealed_event
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.errors import Tampered
from safehold.kernel.installation import Installation
from safehold.kernel.merkle import Frontier
from safehold.kernel.note import Signer

__all__ = ["sign_heads"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Head:
    """A log that has grown since its last checkpoint."""

    log: UUID
    origin: str
    chain: bytes
    frontier: Frontier
    root: bytes
    checked_at: datetime

    @property
    def mark(self) -> tuple[int, bytes]:
        return self.frontier.size, self.root


def sign_heads(connection: Connection, place: Installation, key: Signer, lineage: Lineage) -> int:
    """One round. Returns how many heads it signed; 0 where another sealer has the turn."""
    signed: dict[_Head, Checkpoint] = {}
    with connection.transaction():
        if connection.execute(statement("sealer", "lock")).fetchone() is None:
            return 0
        for head in _due(connection):
            try:
                _hold_to_anchor(connection, place, key, lineage, head)
            except Tampered as fault:
                _logger.error("no checkpoint of %s is signed: %s", head.origin, fault.message)  # noqa: TRY400 - a finding
                values = {"log": head.log, "trouble": fault.message}
                connection.execute(statement("sealer", "set_trouble"), values)
                continue
            at = max(clock.now(), head.checked_at)
            signed[head] = Checkpoint(head.origin, head.frontier.size, head.root, head.chain, micros(at))
        notes = {head.log: checkpoint.sign(key) for head, checkpoint in signed.items()}
        _store(connection, signed, notes)
    anchors.write(place.anchors, notes)
    return len(signed)


def _due(connection: Connection) -> list[_Head]:
    rows = connection.execute(statement("sealer", "due"), {"most": conf.CHECKPOINTS_A_ROUND})
    return [
        _Head(log, origin, chain, Frontier.from_bytes(frontier), root, checked_at)
        for log, origin, chain, frontier, root, checked_at in rows
    ]


def _hold_to_anchor(connection: Connection, place: Installation, key: Signer, lineage: Lineage, head: _Head) -> None:
    """Raise `Tampered` where this head doesn't grow out of the one that is anchored."""
    if head.frontier.root() != head.root:
        raise Tampered(f"The stored head at {head.frontier.size} does not fit its own root.")
    if lineage.holds(head.log, head.mark):
        return
    note = anchors.read(place.anchors, head.log)
    if note is not None:
        anchor = open_checkpoint(note, [key.verifier], head.origin)
        contains(head.frontier, anchor, tile_reader(connection, head.log))
    lineage.start(head.log, head.mark)


def _store(connection: Connection, signed: dict[_Head, Checkpoint], notes: dict[UUID, str]) -> None:
    if not signed:
        return
    times = [moment(checkpoint.time) for checkpoint in signed.values()]
    values: dict[str, list[Any]] = {
        "logs": [head.log for head in signed],
        "sizes": [checkpoint.size for checkpoint in signed.values()],
        "times": times,
        "roots": [head.root for head in signed],
        "notes": [notes[head.log].encode() for head in signed],
    }
    connection.execute(statement("sealer", "add_checkpoints"), values)
    connection.execute(statement("sealer", "set_checked"), {name: values[name] for name in ("logs", "sizes", "times")})
    _tell_log_of_logs(connection, [one for head, one in signed.items() if head.log != LOGS])


def _tell_log_of_logs(connection: Connection, checkpoints: list[Checkpoint]) -> None:
    """An event for every signed head, so that one checkpoint stands for all and no log can vanish whole."""
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
