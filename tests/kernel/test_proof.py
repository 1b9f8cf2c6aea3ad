"""The proof of one event."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from safehold.kernel import auditevent, proof
from safehold.kernel.errors import Tampered
from safehold.kernel.note import Verifier
from safehold.kernel.verifier import standalone
from support.auditvectors import audit_exports, load

CASES = load("proofs.json")
KEY = [Verifier.parse(CASES["key"])]
OTHER = [standalone.read_key(CASES["key"])]


@pytest.mark.parametrize("case", CASES["valid"], ids=lambda case: str(case["index"]))
def test_valid_vectors(case):
    event, head = proof.verify(case["proof"], KEY)
    assert event.encode().decode() == case["event"]
    assert event.log == head.origin
    found, other_head = standalone.check_proof(case["proof"].encode(), OTHER)
    assert standalone.encode(found).decode() == case["event"]
    assert other_head["root"] == head.root
    assert proof.Proof.parse(case["proof"]).index == case["index"]


@pytest.mark.parametrize("case", CASES["invalid"], ids=lambda case: case["why"])
def test_invalid_vectors(case):
    with pytest.raises(Tampered):
        proof.verify(case["proof"], KEY)
    with pytest.raises(standalone.Fault):
        standalone.check_proof(case["proof"].encode(), OTHER)


@given(
    st.integers(0, 2**53),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.none() | st.binary(min_size=1, max_size=50),
)
def test_proofs_come_back(index, hashes, extra):
    found = proof.Proof(index, hashes, "a\n1\nb\n\n— c d\n", extra)
    assert proof.Proof.parse(found.encode()) == found
    assert proof.Proof.parse(found.encode().encode()) == found


@settings(max_examples=200)
@given(st.data())
def test_any_changed_byte_is_refused(data):
    good = CASES["valid"][1]["proof"].encode()
    at = data.draw(st.integers(0, len(good) - 1))
    to = data.draw(st.integers(0, 255).filter(lambda one: one != good[at]))
    changed = good[:at] + bytes([to]) + good[at + 1 :]
    with pytest.raises(Tampered):
        proof.verify(changed, KEY)
    with pytest.raises(standalone.Fault):
        standalone.check_proof(changed, OTHER)


def test_limits():
    for data in (b"\xff", b"", "c2sp.org/tlog-proof@v1\nindex 0\n" + "\n" * proof.MAX_PROOF):
        with pytest.raises(Tampered):
            proof.Proof.parse(data)
    short = proof.Proof(0, (b"short",), "x\n")
    with pytest.raises(Tampered, match="32 bytes"):
        proof.Proof.parse(short.encode())


def test_a_proof_in_a_log_of_a_million_is_below_two_kilobytes():
    log = audit_exports.tenant_log()
    found = proof.Proof(
        999_999, (b"x" * 32,) * 20, log.head(12, audit_exports.START).sign(audit_exports.KEY), log.events[1]
    )
    assert len(found.encode()) < 2048
    assert auditevent.decode(found.extra or b"").log == log.origin
