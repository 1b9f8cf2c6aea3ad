"""Personal values of an event: commitments in the hashed bytes; the values and their salts, sealed beside them.

Each value is sealed under the key of the one whom it is about, so that one person's can be made unreadable everywhere
by destroying one key, while no event, hash or proof changes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from safehold.foundation.keys.sealing import Place, Purpose, open_kept, seal_many
from safehold.kernel import parts
from safehold.kernel.auditevent import commitment, new_salt

__all__ = ["Personal", "commit", "open_personal", "person", "seal_personal"]

_PEOPLE = {"account": "account", "guest": "guest", "member": "member", "staff": "account"}
"""Kinds of reference that name a person, and the kind of subject whose key keeps their values. Staff are accounts."""


@dataclass(frozen=True, slots=True)
class Personal:
    """One personal value, and the salt that opens its commitment."""

    value: str
    salt: bytes


def person(reference: str) -> str:
    """The subject that an actor or target stands for; "" if it names no person."""
    kind, _, name = reference.partition(":")
    return f"{_PEOPLE[kind]}:{name}" if kind in _PEOPLE and name else ""


def commit(
    event_id: UUID, values: Mapping[str, str], subjects: Mapping[str, str]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The commitments of an event's personal values by their names, and the bytes to seal by subject."""
    salts = {name: new_salt() for name in values}
    commitments = {name: commitment(event_id, name, value, salts[name]) for name, value in values.items()}
    kept: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for name, value in values.items():
        kept[subjects[name]][name] = [salts[name].hex(), value]
    return commitments, {subject: json.dumps(plain).encode() for subject, plain in kept.items()}


def seal_personal(log: UUID, values: Sequence[tuple[UUID, Mapping[str, bytes]]]) -> list[bytes]:
    """What `commit` gave for each event id, sealed for its place: every subject's part under that subject's key."""
    wanted: dict[str, list[tuple[int, UUID, bytes]]] = defaultdict(list)
    for at, (event_id, by_subject) in enumerate(values):
        for subject, plain in by_subject.items():
            wanted[subject].append((at, event_id, plain))
    found: list[list[bytes]] = [[] for _ in values]
    for subject, rows in wanted.items():
        placed = [(_place(log, event_id), plain) for _, event_id, plain in rows]
        for (at, _, _), sealed in zip(rows, seal_many(placed, purpose=Purpose.EVENT, subject=subject), strict=True):
            found[at].append(sealed)
    return [parts.join(one) for one in found]


def open_personal(log: UUID, sealed: Sequence[tuple[UUID, bytes]]) -> list[dict[str, Personal]]:
    """The personal values of each event, by name, without those that were erased; `Tampered` if one doesn't open."""
    rows = [(at, event_id, part) for at, (event_id, data) in enumerate(sealed) for part in parts.split(data)]
    opened = open_kept([(_place(log, event_id), part) for _, event_id, part in rows])
    found: list[dict[str, Personal]] = [{} for _ in sealed]
    for (at, _, _), plain in zip(rows, opened, strict=True):
        if plain is not None:
            found[at].update(_read(plain))
    return found


def _place(log: UUID, event_id: UUID) -> Place:
    return Place(log, "audit.event", "personal", event_id)


def _read(plain: bytes) -> dict[str, Personal]:
    return {name: Personal(value, bytes.fromhex(salt)) for name, (salt, value) in json.loads(plain).items()}
