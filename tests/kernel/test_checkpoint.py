"""Checkpoints."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from safehold.kernel import note
from safehold.kernel.canonical import MAX_INT
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint, verifiers_for
from safehold.kernel.errors import Tampered

SIGNER = note.Signer("safehold/test", b"\x07" * 32)
KEYS = [SIGNER.verifier]
ORIGIN = "safehold/test/platform"
HEAD = Checkpoint(ORIGIN, 3, b"r" * 32, b"c" * 32, 5)
COUNTS = st.integers(0, MAX_INT)
HASHES = st.binary(min_size=32, max_size=32)


@given(COUNTS, HASHES, HASHES, COUNTS)
def test_heads_come_back(size, root, chain, time):
    head = Checkpoint(ORIGIN, size, root, chain, time)
    assert Checkpoint.parse(head.text) == head
    assert open_checkpoint(head.sign(SIGNER), KEYS) == open_checkpoint(head.sign(SIGNER), KEYS, ORIGIN) == head


@given(st.data())
def test_any_changed_character_is_refused(data):
    signed = HEAD.sign(SIGNER)
    at = data.draw(st.integers(0, len(signed) - 1))
    to = data.draw(st.characters(exclude_categories=("Cs",)).filter(lambda one: one != signed[at]))
    with pytest.raises(Tampered):
        open_checkpoint(signed[:at] + to + signed[at + 1 :], KEYS)


@pytest.mark.parametrize(
    "change",
    [
        ("\n3\n", "\n03\n"),
        ("\n3\n", "\n-3\n"),
        ("\n3\n", "\n9007199254740992\n"),
        ("\ntime 5\n", "\n"),
        ("\ntime 5\n", "\ntime 5\nmore 1\n"),
        ("\ntime 5\n", "\ntime 9999999999999999\n"),
        ("\nchain ", "\nChain "),
        ("safehold/test/platform", "safehold/test/else"),
        ("cnJy", "cnJyAAAA"),
        ("\nchain Y2Nj", "\nchain "),
    ],
)
def test_what_is_signed_has_to_be_a_head(change):
    signed = note.sign(HEAD.text.replace(*change), SIGNER.named(ORIGIN), SIGNER.named("safehold/test/else"))
    with pytest.raises(Tampered):
        open_checkpoint(signed, KEYS)


def test_heads_of_other_logs_and_installations_are_refused():
    with pytest.raises(Tampered, match="Expected a checkpoint of safehold/test/logs"):
        open_checkpoint(HEAD.sign(SIGNER), KEYS, "safehold/test/logs")
    with pytest.raises(Tampered, match="Expected a log of safehold/tes, "):
        open_checkpoint(HEAD.sign(SIGNER), [note.Verifier("safehold/tes", SIGNER.verifier.public)])
    with pytest.raises(Tampered, match="a known installation"):
        verifiers_for(ORIGIN, [])
