"""The rolling chain."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from safehold.kernel import chain, merkle
from support.auditvectors import load

HASHES = st.binary(min_size=32, max_size=32)


@given(HASHES, st.lists(HASHES, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(head, leaves):
    one = head
    for leaf in leaves:
        one = chain.extend(one, leaf)
    assert chain.extend_many(head, leaves) == one


def test_it_is_what_the_spec_says():
    start = sha256(b"safehold/audit/chain/v1\nsafehold/a/platform").digest()
    assert chain.start("safehold/a/platform") == start
    assert chain.extend(start, b"x" * 32) == sha256(b"\x02" + start + b"x" * 32).digest()


def test_vectors():
    cases = load("tree.json")
    leaves = merkle.leaf_hashes(f"leaf {number}".encode() for number in range(260))
    for case in cases["heads"]:
        found = chain.extend_many(chain.start(cases["origin"]), leaves[: case["size"]])
        assert found.hex() == case["chain"]


@pytest.mark.parametrize(("head", "leaf"), [(b"", b"x" * 32), (b"x" * 32, b"x" * 31)])
def test_wrong_lengths_are_refused(head, leaf):
    with pytest.raises(ValueError, match="32 bytes"):
        chain.extend(head, leaf)
