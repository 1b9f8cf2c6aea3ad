"""What records are found by: words of open fields as they are, words or whole values of sealed fields as keyed tokens.

All stand in one table, `records_word`. A token is written as "~" and 16 hexadecimal digits, so that no word can be one.
Tokens of different fields have nothing to do with each other: somebody who may not read a field has no token of it to
ask with, and finds nothing by it.

Sealed texts and e-mail addresses are found by their words, other sealed values whole. A whole text is asked for by all
of its words; a token for it as well would cost an index row a record and tell more about who shares a value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple
from uuid import UUID

from safehold.foundation.keys import blind
from safehold.workspace.records.columns import Batch
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.values import FieldType, same

__all__ = ["Postings", "found_by", "postings", "query_words", "sealed_words", "split", "split_all", "unique_tokens"]

_MOST_WORDS = 300
_LONGEST_WORD = 64
_SHARED = 256
_MASK = (1 << 64) - 1
_SPOKEN: Final = frozenset({FieldType.TEXT, FieldType.EMAIL})
_TO_WORDS: Final = {
    code: chr(code).lower() if chr(code).isalnum() else "\n" if code == 10 else " " for code in range(128)
}
"""Letters to lower case, line ends stay, everything else to a space."""
_PHONE = re.compile(r"[\d\s()+./\-–]{5,40}")
_PHONE_DIGITS = 7
_MOST_ASKED = 12


class Postings(NamedTuple):
    """Index rows in columns: a word, a department, and the records that hold it, the first of them once more alone.

    `records` are written as the database reads an array.
    """

    words: list[str]
    departments: list[str]
    firsts: list[str]
    records: list[str]


def split(text: str) -> list[str]:
    """The words of one text, as the index has them."""
    return split_all([text])[text]


def split_all(texts: Sequence[str]) -> dict[str, list[str]]:
    """The words of each text: what `blind.words` gives, with little work for texts that are plain ASCII.

    The plain ones go through together, one a line: letters to lower case, whatever else there is to spaces.
    """
    plain = [text for text in texts if text.isascii() and text.isprintable()]
    lines = "\n".join(plain).translate(_TO_WORDS).split("\n")
    found = {text: list(dict.fromkeys(line.split())) for text, line in zip(plain, lines, strict=False)}
    for text, words in found.items():
        if len(text) > _LONGEST_WORD and (len(words) > _MOST_WORDS or max(map(len, words), default=0) > _LONGEST_WORD):
            found[text] = blind.words(text)[:_MOST_WORDS]
    if len(plain) < len(texts):
        known: dict[str, list[str]] = {}
        found |= {text: _careful(text, known) for text in texts if text not in found}
    return found


def _careful(text: str, known: dict[str, list[str]]) -> list[str]:
    """The words of a text with letters beyond ASCII, piece by piece: most pieces come again and again."""
    words: dict[str, None] = {}
    for piece in text.split():
        if piece not in known:
            known[piece] = blind.words(piece)
        words.update(dict.fromkeys(known[piece]))
    return list(words)[:_MOST_WORDS]


def unique_tokens(tenant_id: UUID, each: FieldShape, values: Iterable[str]) -> list[int]:
    """A token for each value; values that count as the same have the same. For unique and whole sealed values."""
    return blind.tokens(tenant_id, each.id, [same(each.type, value) for value in values], kind=blind.Kind.EXACT)


def sealed_words(shape: Shape, each: FieldShape, value: str) -> list[str]:
    """All that a sealed field's value stands in the index by: whoever asks for the value asks for all of them."""
    return list(_words_of_values(shape.tenant_id, each, [value])[value])


def _token_words(tokens: Iterable[int]) -> list[str]:
    return [f"~{token & _MASK:016x}" for token in tokens]


def _words_of_values(tenant_id: UUID, each: FieldShape, values: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """What each of these distinct values of a field is found by."""
    if not each.is_open and each.type not in _SPOKEN:
        whole = _token_words(unique_tokens(tenant_id, each, values))
        return {value: [token] for value, token in zip(values, whole, strict=True)}
    words = split_all(values)
    if each.is_open:
        return words if each.type is not FieldType.PHONE else {v: [*w, same(each.type, v)] for v, w in words.items()}
    distinct = list(dict.fromkeys(chain.from_iterable(words.values())))
    # One call for the whole column: the words of all its words, joined, are those words in their order.
    tokens = _token_words(blind.word_tokens(tenant_id, each.id, " ".join(distinct)))
    token_of = dict(zip(distinct, tokens, strict=True))
    return {value: [token_of[word] for word in found] for value, found in words.items()}


def _is_indexed(each: FieldShape) -> bool:
    return each.is_searched if each.is_open else each.indexed


def _holders(batch: Batch, positions: Sequence[int]) -> dict[str, list[str]]:
    """The records at these positions by what they are found by. A word in two fields names its record twice."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    ids = [batch.ids[at] for at in positions]
    for each in filter(_is_indexed, batch.shape.fields):
        column = batch.column(each.key)
        by_value: defaultdict[str | None, list[str]] = defaultdict(list)
        for record_id, at in zip(ids, positions, strict=True):
            by_value[column[at]].append(record_id)
        by_value.pop(None, None)
        values: list[str] = list(by_value)  # type: ignore[arg-type]  # None is out
        for value, words in _words_of_values(batch.shape.tenant_id, each, values).items():
            records = by_value[value]
            for word in words:
                holders[word] += records
    return holders


def found_by(batch: Batch) -> set[str]:
    """All that the one record of a batch is found by."""
    return set(_holders(batch, range(len(batch))))


def postings(batch: Batch) -> Postings:
    """The index rows for some records: one for each word, department and some hundred records, in the index's order."""
    rows = Postings([], [], [], [])
    positions: defaultdict[int, list[int]] = defaultdict(list)
    for at, department in enumerate(batch.departments):
        positions[department].append(at)
    for department, held_at in positions.items():
        holders = _holders(batch, held_at)
        parts = [(word, part) for word in sorted(holders) for part in _parts(holders[word])]
        rows.words.extend([word for word, _ in parts])
        rows.departments.extend([str(department)] * len(parts))
        rows.firsts.extend([part[0] for _, part in parts])
        rows.records.extend(["{" + ",".join(part) + "}" for _, part in parts])
    return rows


def _parts(records: list[str]) -> list[list[str]]:
    """The records that hold a word, each once, as many at a time as one row carries."""
    if len(records) == 1:
        return [records]
    records = list(dict.fromkeys(records))
    return [records[at : at + _SHARED] for at in range(0, len(records), _SHARED)]


def query_words(shape: Shape, q: str) -> list[tuple[str, list[str]]]:
    """For each word that somebody searches: itself, and its tokens for the sealed fields that `shape` still shows.

    What looks like a telephone number is one word: numbers are found whole, however they are spaced.
    """
    sealed = [each for each in shape.fields if not each.is_open and each.is_searched]
    whole = [each for each in sealed if each.type not in _SPOKEN]
    digits = same(FieldType.PHONE, q)
    if len(digits) >= _PHONE_DIGITS and _PHONE.fullmatch(q):
        return [(digits, _tokens_in(shape, whole, q))]
    spoken = [each for each in sealed if each.type in _SPOKEN]
    return [
        (word, _tokens_in(shape, spoken, word) + (_tokens_in(shape, whole, word) if word.isdigit() else []))
        for word in split(q)[:_MOST_ASKED]
    ]


def _tokens_in(shape: Shape, fields: Iterable[FieldShape], value: str) -> list[str]:
    """The tokens that a value has in each of these sealed fields."""
    return [word for each in fields for word in sealed_words(shape, each, value)]
