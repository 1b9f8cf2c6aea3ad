"""Sealed field, version 1: one value of one column of one row, sealed for that place only. `specs/sealed-field.md`.

    version (1) | key id (16) | nonce (24) | ciphertext | tag (16)

The associated data binds version, tenant, table, column, row and key id, so that a value moved to another place, or put
under another key's name, doesn't open.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from safehold.kernel import xaes
from safehold.kernel.errors import Tampered
from safehold.kernel.framing import frame

__all__ = ["HEADER", "LABEL", "OVERHEAD", "VERSION", "Place", "associated_data", "key_id_of", "open_many", "seal_many"]

VERSION = 1
LABEL = b"safehold/sealed-field"

HEADER = 17
"""The bytes that say version and key: all fields sealed under one key begin with the same ones."""

_UUID_FOLLOWS = b"\0\0\0\x10"
_PREFIX = frame(LABEL, bytes((VERSION,))) + _UUID_FOLLOWS
OVERHEAD = HEADER + xaes.OVERHEAD
"""How much longer a sealed field is than its plain text: 57 bytes."""


class Place(NamedTuple):
    """Where a value lives. `row` is the row's id as the database holds it, known before the value is sealed."""

    tenant_id: UUID
    table: str
    column: str
    row: UUID | str | int


def associated_data(place: Place, key_id: UUID) -> bytes:
    """The bytes that bind a sealed value to its place: each part behind its length in four bytes, big-endian."""
    tenant_id, table, column, row = place
    named = _framed_name(table) + _framed_name(column) + _framed_row(row)
    return _PREFIX + tenant_id.bytes + named + _UUID_FOLLOWS + key_id.bytes


def seal_many(key: xaes.XaesKey, key_id: UUID, values: Sequence[tuple[Place, bytes]]) -> list[bytes]:
    """Each value sealed for its place under one key."""
    header = bytes((VERSION,)) + key_id.bytes
    sealed = key.seal_many([(plaintext, associated_data(place, key_id)) for place, plaintext in values])
    return [header + body for body in sealed]


def key_id_of(sealed: bytes | memoryview) -> UUID:
    """The id of the key that a sealed field asks for. `Tampered` unless it has the form of one."""
    if len(sealed) < OVERHEAD or sealed[0] != VERSION:
        raise Tampered
    return UUID(bytes=bytes(sealed[1:HEADER]))


def open_many(key: xaes.XaesKey, key_id: UUID, values: Sequence[tuple[Place, bytes | memoryview]]) -> list[bytes]:
    """The plain texts of fields sealed under this key, in order; `Tampered` if any one doesn't open."""
    header = bytes((VERSION,)) + key_id.bytes
    if any(sealed[:HEADER] != header for _, sealed in values):
        raise Tampered
    return key.open_many([(bytes(sealed[HEADER:]), associated_data(place, key_id)) for place, sealed in values])


def _framed(name: str) -> bytes:
    if not name:
        raise ValueError("a place names a table, a column and a row")
    return frame(name.encode())


def _framed_row(row: UUID | str | int) -> bytes:
    return b"\0\0\0\x24" + str(row).encode() if isinstance(row, UUID) else _framed(str(row))


_framed_name = lru_cache(maxsize=4096)(_framed)  # few tables and columns, many rows
