"""The blind index: its vectors, and that one value's spellings share a token while different uses share none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from safehold.kernel import blindindex
from safehold.kernel.blindindex import Kind, canonical, words
from safehold.kernel.mackey import MacKey

VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "blind-index"
KEY = MacKey(bytes(32))
TEXTS = st.text(max_size=40)


def cases(name: str) -> list[Any]:
    return json.loads((VECTORS / f"{name}.json").read_text())


@pytest.mark.parametrize("case", cases("tokens"), ids=lambda case: f"{case['kind']} {case['value']!r}")
def test_token_vectors(case: dict[str, Any]):
    kind = Kind[case["kind"].upper()]
    key = blindindex.field_key(MacKey(bytes.fromhex(case["index_key"])), UUID(case["tenant"]), UUID(case["field"]))
    assert canonical(kind, case["value"]) == case["form"]
    assert blindindex.token(key, kind, case["value"]) == case["token"]


@pytest.mark.parametrize("case", cases("words"), ids=lambda case: repr(case["text"])[:30])
def test_word_vectors(case: dict[str, Any]):
    assert words(case["text"]) == case["words"]
    expected = [blindindex.token(KEY, Kind.WORD, word) for word in case["words"]]
    assert blindindex.word_tokens(KEY, case["text"]) == expected


@pytest.mark.parametrize("kind", Kind)
@given(text=TEXTS)
def test_the_form_of_a_form_is_itself(kind: Kind, text: str):
    form = canonical(kind, text)
    if kind is not Kind.PHONE:
        assert canonical(kind, form) == form
    else:
        assert canonical(kind, canonical(kind, form)) == canonical(kind, form)


@given(TEXTS)
def test_words_hold_nothing_but_words(text: str):
    found = words(text)
    assert words(" ".join(found)) == found
    assert len(set(found)) == len(found)
    assert all(0 < len(word) <= 64 for word in found)
    assert not set("".join(found)) & set(" \t\n_-.,;:!?'\"()/")


@given(TEXTS)
def test_capitals_spaces_and_compatibility_do_not_matter(text: str):
    key = MacKey(bytes(range(32)))
    assert blindindex.token(key, Kind.TEXT, f"  {text}\u00a0") == blindindex.token(key, Kind.TEXT, text)
    assert words(text.casefold()) == words(text)


@given(TEXTS, st.uuids(), st.uuids())
def test_tokens_are_signed_64_bit_numbers_and_apart(text: str, tenant: UUID, field: UUID):
    made = {kind: blindindex.token(blindindex.field_key(KEY, tenant, field), kind, text) for kind in Kind}
    assert len(set(made.values())) == len(Kind)
    assert all(-(1 << 63) <= token < 1 << 63 for token in made.values())
    elsewhere = [(UUID(int=tenant.int ^ 1), field), (tenant, UUID(int=field.int ^ 1))]
    for place in elsewhere:
        assert blindindex.token(blindindex.field_key(KEY, *place), Kind.TEXT, text) != made[Kind.TEXT]


def test_a_lone_surrogate_is_only_another_letter():
    assert isinstance(blindindex.token(KEY, Kind.TEXT, "\ud800"), int)
    assert words("a\ud800b") == ["a", "b"]
