"""Blind-index tokens and commitments under a tenant's keys: what other rooms call. `specs/blind-index.md`.

tokens(tenant_id, field_id, ["Berlin"], kind=Kind.TEXT)     one for each value, for equality
word_tokens(tenant_id, field_id, "Rue du Commerce 108")     one for each distinct word, for search
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from safehold.foundation.keys import ring
from safehold.foundation.keys.conf import Purpose
from safehold.kernel import blindindex
from safehold.kernel.blindindex import Kind, canonical, words
from safehold.kernel.ids import PLATFORM
from safehold.kernel.mackey import MacKey

__all__ = ["Kind", "canonical", "commitment", "tokens", "word_tokens", "words"]


def tokens(tenant_id: UUID, field_id: UUID, values: Iterable[str], *, kind: Kind = Kind.TEXT) -> list[int]:
    """A token for each value, in order: signed 64-bit numbers that fit a bigint column.

    Spellings that are one value by `kind` have one token. Tokens of different tenants, fields and kinds tell nothing of
    each other.
    """
    key = _field_key(tenant_id, field_id)
    return [blindindex.token(key, kind, value) for value in values]


def word_tokens(tenant_id: UUID, field_id: UUID, text: str) -> list[int]:
    """A token for each distinct word of the text, in order: store them all, and ask for all of a query's."""
    return blindindex.word_tokens(_field_key(tenant_id, field_id), text)


def commitment(tenant_id: UUID, subject: str, value: str) -> bytes:
    """32 bytes that stand for a person's value where the value itself must not be; nobody can guess back from them.

    A tenant's subject has a key of its own, so that shredding it cuts the link for good. The platform's subjects share
    one: anybody can make the platform note an address by trying to sign in with it, and keys must not grow with that.
    """
    if tenant_id == PLATFORM:
        key = MacKey(
            ring.active_key(PLATFORM, Purpose.COMMITMENT).mac.derive(b"safehold/commitment/1", subject.encode())
        )
    else:
        key = ring.active_key(tenant_id, Purpose.COMMITMENT, subject).mac
    return key.digest(value.encode())


def _field_key(tenant_id: UUID, field_id: UUID) -> MacKey:
    live = ring.active_key(tenant_id, Purpose.INDEX)
    key = live.derived.get(field_id)
    if key is None:
        key = live.derived[field_id] = blindindex.field_key(live.mac, tenant_id, field_id)
    return key
