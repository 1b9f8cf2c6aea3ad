"""Sort slots: the order of bytes is the order of values."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, strategies as st

from safehold.workspace.records.slots import LONGEST, folded, prefix_end, slot
from safehold.workspace.records.values import FieldType, plain_number

TYPED = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25, places=6),
    st.integers(-(10**28), 10**28),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-1, max_value=1, places=25),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")))


def number_slot(number) -> bytes:
    stored = plain_number(format(Decimal(number), "f"))
    assert stored is not None
    return slot(FieldType.NUMBER, stored).encode()


@given(TYPED, TYPED)
def test_numbers_sort_as_numbers(left, right):
    left_slot, right_slot = number_slot(left), number_slot(right)
    assert (left_slot < right_slot) == (Decimal(left) < Decimal(right))
    assert (left_slot == right_slot) == (Decimal(left) == Decimal(right))


@given(TEXTS, TEXTS)
def test_texts_sort_by_their_folded_form(left, right):
    slots = [slot(FieldType.TEXT, text).encode() for text in (left, right)]
    folds = [folded(text)[:LONGEST].encode() for text in (left, right)]
    assert (slots[0] < slots[1]) == (folds[0] < folds[1]) or folds[0] == folds[1]


@given(TEXTS, TEXTS)
def test_what_begins_so_lies_between_a_prefix_and_its_end(prefix, rest):
    text = folded(prefix) + folded(rest)
    begins, end = folded(prefix), prefix_end(folded(prefix))
    assert begins.encode() <= text.encode() < end.encode()


@given(TEXTS)
def test_folding_is_final(text):
    assert folded(folded(text)) == folded(text)


def test_case_accents_and_spaces_do_not_count():
    assert folded("  Münster\n ") == folded("MUNSTER") == "munster"


def test_a_cut_text_is_no_whole_one():
    whole, longer = "x" * LONGEST, "x" * (LONGEST + 1)
    assert slot(FieldType.TEXT, whole) != slot(FieldType.TEXT, longer)
    assert slot(FieldType.TEXT, whole) < slot(FieldType.TEXT, longer)


def test_dates_and_phones():
    assert slot(FieldType.DATE, "1948-12-08") == "1948-12-08"
    assert slot(FieldType.PHONE, "(206) 555-9857") == "2065559857"
