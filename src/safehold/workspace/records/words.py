"""What records are found by: words of open fields as they are, words and whole values of sealed fields as keyed tokens.

All stand in one table, `records_word`. A token is written as "~" and 16 hexadecimal digits, so that no word can be one.
Tokens of different fields have nothing to do with each other: somebody who may not read a field has no token of it to
ask with, and finds nothing by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple
from uuid import UUID

from safehold.foundation.keys import blind
from safehold.workspace.records.columns import Batch, once_each
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.values import FieldType, same

__all__ = ["Posting", "equality_word", "found_by", "postings", "query_words", "unique_tokens", "words_of"]

_MOST_WORDS = 300
_SHARED = 256
_MASK = (1 << 64) - 1
_KINDS: Final = {
    FieldType.TEXT: blind.Kind.TEXT,
    FieldType.CHOICE: blind.Kind.TEXT,
    FieldType.EMAIL: blind.Kind.EMAIL,
    FieldType.PHONE: blind.Kind.PHONE,
}


class Posting(NamedTuple):
    """Some records of one department that hold a word. `records` are written as the database reads an array."""

    word: str
    department: int
    first: str
    records: str


def _token_word(token: int) -> str:
    return f"~{token & _MASK:016x}"


def equality_word(shape: Shape, each: FieldShape, value: str) -> str:
    """What stands in the index for a sealed field's whole value."""
    kind = _KINDS.get(each.type, blind.Kind.EXACT)
    form = same(each.type, value) if kind is blind.Kind.EXACT else value
    (token,) = blind.tokens(shape.tenant_id, each.id, [form], kind=kind)
    return _token_word(token)


def unique_tokens(tenant_id: UUID, each: FieldShape, values: Iterable[str]) -> list[int]:
    """A token for each value of a unique field; values that count as the same have the same."""
    return blind.tokens(tenant_id, each.id, [same(each.type, value) for value in values], kind=blind.Kind.EXACT)


def _open_words(text: str) -> list[str]:
    return blind.words(text)[:_MOST_WORDS]


def words_of(shape: Shape, each: FieldShape) -> Callable[[str], list[str]] | None:
    """The function from a field's value to what it is found by; None where it isn't looked for."""
    if each.is_open:
        return _open_words if each.is_searched else None
    if not each.indexed:
        return None
    tenant_id, searched = shape.tenant_id, each.is_searched

    def sealed_words(value: str) -> list[str]:
        tokens = blind.word_tokens(tenant_id, each.id, value)[:_MOST_WORDS] if searched else []
        return [equality_word(shape, each, value), *map(_token_word, tokens)]

    return sealed_words


def found_by(batch: Batch) -> Iterator[set[str]]:
    """For each record, all that it is found by."""
    per_field = []
    for each in batch.shape.fields:
        if (find := words_of(batch.shape, each)) is not None:
            column = batch.column(each.key)
            known = once_each(column, find)
            per_field.append([known.get(value, ()) for value in column])
    return (set().union(*row) for row in zip(*per_field, strict=True)) if per_field else (set() for _ in batch.ids)


def postings(batch: Batch) -> list[Posting]:
    """The index rows for some records: one for each word, department and some hundred records."""
    holders: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for record_id, department, words in zip(batch.ids, batch.departments, found_by(batch), strict=True):
        written = record_id.hex
        for word in words:
            holders[word, department].append(written)
    return [
        Posting(word, department, records[at], "{" + ",".join(records[at : at + _SHARED]) + "}")
        for (word, department), records in sorted(holders.items())
        for at in range(0, len(records), _SHARED)
    ]


def query_words(shape: Shape, q: str) -> list[tuple[str, list[str]]]:
    """For each word that somebody searches: itself, and its tokens for the sealed fields that `shape` still shows."""
    sealed = [each for each in shape.fields if not each.is_open and each.is_searched]
    return [
        (word, [_token_word(token) for each in sealed for token in blind.word_tokens(shape.tenant_id, each.id, word)])
        for word in blind.words(q)[:12]
    ]
