"""Canonical bytes: one spelling, the same as the rfc8785 package writes."""

from __future__ import annotations

import enum
import json

import pytest
import rfc8785
from hypothesis import example, given, strategies as st

from safehold.kernel import canonical
from safehold.kernel.errors import Invalid, Tampered
from safehold.kernel.verifier import standalone
from support.auditvectors import load

INTEGERS = st.integers(-canonical.MAX_INT, canonical.MAX_INT)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
KEYS = st.from_regex(canonical.KEY, fullmatch=True)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@example({"a-b": 1, "a": 2, "aB": 3, "a_": 4, "a.": 5, "a0": 6})
@example('\x7f\x80\u2028\u2029\ufeff\U0010ffff\x00\x1f\b\f\n\r\t"\\/')
def test_bytes_are_those_of_rfc_8785_and_read_back(value):
    data = canonical.encode(value)
    assert data == rfc8785.dumps(value) == standalone.encode(value)
    assert canonical.decode(data) == value == standalone.decode(data, 1)


@given(st.binary(max_size=40) | VALUES.map(json.dumps).map(str.encode))
def test_whatever_is_read_is_written_the_same(data):
    try:
        value = canonical.decode(data)
    except Tampered:
        with pytest.raises(standalone.Fault):
            standalone.decode(data, 1)
    else:
        assert canonical.encode(value) == data
        assert standalone.decode(data, 1) == value


@pytest.mark.parametrize("text", load("canonical.json")["valid"])
def test_valid_vectors(text):
    assert canonical.encode(canonical.decode(text.encode())) == text.encode()


@pytest.mark.parametrize("case", load("canonical.json")["invalid"], ids=lambda case: case["why"])
def test_invalid_vectors(case):
    with pytest.raises(Tampered):
        canonical.decode(bytes.fromhex(case["hex"]))
    with pytest.raises(standalone.Fault):
        standalone.decode(bytes.fromhex(case["hex"]), 1)


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), 2**53, -(2**53), {"é": 1}, {"": 1}, {1: 1}, {"a" * 65: 1}, b"x", {1}, "\ud800", object()],
)
def test_what_has_no_single_spelling_is_refused(value):
    with pytest.raises(Invalid):
        canonical.encode(value)
    with pytest.raises(Invalid):
        canonical.encode({"a": [value]})


def test_depth_is_limited_both_ways():
    value: object = 1
    for _ in range(17):
        value = [value]
    with pytest.raises(Invalid):
        canonical.encode(value)
    with pytest.raises(Tampered):
        canonical.decode(b"[" * 100_000 + b"]" * 100_000)


def test_tuples_and_enums_are_written_as_what_they_stand_for():
    class Colour(enum.StrEnum):
        RED = "red"

    class Number(enum.IntEnum):
        TWO = 2

    assert canonical.encode({"a": (Colour.RED, Number.TWO)}) == b'{"a":["red",2]}'
