"""What people type, and the one form that is stored."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from safehold.workspace.records.conf import LONGEST_VALUE
from safehold.workspace.records.values import FieldType, Unfit, plain_number, reader, same

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=4)


@pytest.mark.parametrize(
    ("type_", "typed", "stored"),
    [
        ("number", "14.00", "14.00"),
        ("number", " 7 ", "7"),
        ("number", "+5", "5"),
        ("number", "007", "7"),
        ("number", ".5", "0.5"),
        ("number", "5.", "5"),
        ("number", "-0", "0"),
        ("number", "-0.00", "0.00"),
        ("number", "-.5", "-0.5"),
        ("number", "1e3", "1000"),
        ("number", "-12.50", "-12.50"),
        ("date", "1948-12-08", "1948-12-08"),
        ("date", "1948-12-08 00:00:00.000", "1948-12-08"),
        ("date", "1948-12-08T00:00:00Z", "1948-12-08"),
        ("date", "2024-02-29", "2024-02-29"),
        ("email", " Ada@Example.org ", "Ada@Example.org"),
        ("phone", "(206) 555-9857", "(206) 555-9857"),
        ("phone", "030-0074321", "030-0074321"),
        ("phone", "+45 12 34 56 78 ext. 9", "+45 12 34 56 78 ext. 9"),
        ("phone", "88.60.15.31", "88.60.15.31"),
        ("text", "  as it is\nwith lines\t", "  as it is\nwith lines\t"),
    ],
)
def test_what_fits_is_brought_to_one_form(type_, typed, stored):
    assert reader(FieldType(type_))(typed) == stored


@pytest.mark.parametrize(
    ("type_", "typed"),
    [
        ("number", "twelve"),
        ("number", "1,234.5"),
        ("number", "1 234"),
        ("number", "0x10"),
        ("number", "nan"),
        ("number", "1e99"),
        ("number", "٣"),
        ("number", "--5"),
        ("date", "08/12/1948"),
        ("date", "2023-02-29"),
        ("date", "1948-12-08 13:45:00"),
        ("date", "1948-13-01"),
        ("date", "0000-01-01"),
        ("email", "nobody"),
        ("email", "a b@example.org"),
        ("email", "a@b@example.org"),
        ("phone", "none"),
        ("phone", "1"),
        ("text", "a\0b"),
        ("text", "a\x1fb"),
        ("text", "\ud800"),
        ("text", "x" * (LONGEST_VALUE + 1)),
        ("email", "x" * LONGEST_VALUE + "@example.org"),
    ],
)
def test_what_does_not_fit_says_what_would(type_, typed):
    with pytest.raises(Unfit) as unfit:
        reader(FieldType(type_))(typed)
    assert unfit.value.expected


def test_a_choice_is_taken_in_any_case():
    read = reader(FieldType.CHOICE, ("paid", "Overdue"))
    assert [read("PAID"), read(" overdue ")] == ["paid", "Overdue"]
    with pytest.raises(Unfit, match="one of paid, Overdue"):
        read("lost")


@given(NUMBERS)
def test_numbers_keep_their_value_and_their_form_is_final(number):
    stored = plain_number(str(number))
    assert stored is not None
    assert Decimal(stored) == number
    assert plain_number(stored) == stored


@given(NUMBERS, NUMBERS)
def test_numbers_are_the_same_if_they_are_equal(left, right):
    forms = [same(FieldType.NUMBER, plain_number(str(number)) or "") for number in (left, right)]
    assert (forms[0] == forms[1]) == (left == right)


def test_spellings_of_one_value_are_the_same():
    assert same(FieldType.NUMBER, "14.00") == same(FieldType.NUMBER, "14")
    assert same(FieldType.EMAIL, "Ada@Example.org") == same(FieldType.EMAIL, "ada@example.org")
    assert same(FieldType.PHONE, "+45 12 34 56 78") == same(FieldType.PHONE, "0045-12345678")
    assert same(FieldType.TEXT, "Café") == same(FieldType.TEXT, "Café")
    assert same(FieldType.TEXT, "ALFKI") != same(FieldType.TEXT, "alfki")
