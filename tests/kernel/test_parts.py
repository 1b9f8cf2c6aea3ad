"""Several sealed values in one column: whatever is joined comes apart again, and nothing else is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from safehold.kernel.errors import Tampered
from safehold.kernel.parts import join, split

VECTORS = json.loads((Path(__file__).parents[2] / "specs/vectors/sealed-field/parts.json").read_text())
PART = st.binary(min_size=1, max_size=80).filter(lambda part: part[0] != 0)


@given(st.lists(PART, min_size=1, max_size=5))
def test_what_is_joined_comes_apart(parts):
    assert split(join(parts)) == parts


@given(st.binary(max_size=60))
def test_what_comes_apart_is_what_join_would_write(data):
    try:
        parts = split(data)
    except Tampered:
        return
    if data:
        assert join(parts) == data


@pytest.mark.parametrize("parts", [[], [b""], [b"\x00x"], [b"\x01", b""]])
def test_nothing_that_could_be_read_two_ways_is_joined(parts):
    with pytest.raises(ValueError, match="joined"):
        join(parts)


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["name"])
def test_a_valid_vector_is_read_and_written(case):
    parts = [bytes.fromhex(part) for part in case["parts"]]
    assert split(bytes.fromhex(case["data"])) == parts
    assert join(parts).hex() == case["data"]


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=lambda case: case["name"])
def test_an_invalid_vector_is_refused(case):
    with pytest.raises(Tampered):
        split(bytes.fromhex(case["data"]))
