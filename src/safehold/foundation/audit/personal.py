"""Personal values of an event: commitments in the hashed bytes; the values and their salts, sealed beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from safehold.foundation.keys.sealing import Place, Purpose, open_many, seal_many
from safehold.kernel.auditevent import commitment, new_salt

__all__ = ["Personal", "open_personal", "seal_personal"]


@dataclass(frozen=True, slots=True)
class Personal:
    """One personal value, and the salt that opens its commitment."""

    value: str
    salt: bytes


def commit(event_id: UUID, values: Mapping[str, str]) -> tuple[dict[str, bytes], bytes]:
    """The commitments of an event's personal values, and the bytes to seal beside the event."""
    salts = {name: new_salt() for name in values}
    commitments = {name: commitment(event_id, name, value, salts[name]) for name, value in values.items()}
    return commitments, json.dumps({name: [salts[name].hex(), value] for name, value in values.items()}).encode()


def seal_personal(log: UUID, values: list[tuple[UUID, bytes]]) -> list[bytes]:
    """What `commit` gave for each event id, sealed for its place."""
    return seal_many([(_place(log, event_id), plain) for event_id, plain in values], purpose=Purpose.EVENT)


def open_personal(log: UUID, sealed: list[tuple[UUID, bytes]]) -> list[dict[str, Personal]]:
    """The personal values of each event, by name."""
    opened = open_many([(_place(log, event_id), one) for event_id, one in sealed])
    return [_read(plain) for plain in opened]


def _place(log: UUID, event_id: UUID) -> Place:
    return Place(log, "audit.event", "personal", event_id)


def _read(plain: bytes) -> dict[str, Personal]:
    return {name: Personal(value, bytes.fromhex(salt)) for name, (salt, value) in json.loads(plain).items()}
