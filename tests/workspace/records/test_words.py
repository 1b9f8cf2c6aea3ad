"""Words: one form for what is stored and what is asked, open or sealed."""

from __future__ import annotations

from hypothesis import example, given, strategies as st

from safehold.foundation.keys import blind
from safehold.workspace.records.words import split, split_all

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60)


@given(st.text(st.characters(codec="ascii"), max_size=90))
@example("x" * 65 + " y")
@example("a\x07b\nc")
def test_plain_texts_have_the_words_that_the_blind_index_knows(text):
    assert split(text) == blind.words(text)


@given(st.lists(TEXTS, max_size=6))
def test_many_texts_have_the_words_of_each(texts):
    assert split_all(texts) == {text: split(text) for text in texts}


@given(TEXTS)
def test_words_are_final(text):
    words = split(text)
    assert blind.words(" ".join(words)) == words
    assert split(" ".join(words)) == words


@given(TEXTS, TEXTS)
def test_a_word_is_found_whatever_stands_around_it(text, other):
    assert set(split(text)) <= set(split(f"{other} {text}")) | set(split(text))
    assert set(split(f"{text} {other}")) == set(split(text)) | set(split(other))


def test_accents_and_case_do_not_count():
    assert split("Ørsted & Kjær, MÜNSTER") == ["orsted", "kjaer", "munster"]
