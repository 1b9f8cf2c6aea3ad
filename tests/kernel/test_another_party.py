"""Another party's programs read what we write: aics-tlog opens our heads, proofs and trees, and refuses what has to be
refused. Its author never saw ours."""

from __future__ import annotations

import base64
import contextlib
import io

import pytest

from safehold.kernel import merkle
from safehold.kernel.note import Verifier
from safehold.kernel.verifier import verify
from support.auditvectors import VECTORS, audit_exports, load

aics = pytest.importorskip(
    "aics_tlog", reason="aics-tlog takes Python 3.12 and newer; support/secondverifier.py stands in below"
)

PUBLISHED = audit_exports.KEY.verifier
EXPORTS = load("exports.json")
TREE = load("tree.json")
PROOFS = load("proofs.json")


def opens(signed: str, published: Verifier = PUBLISHED):
    """The head that it reads in a signed note, if the log's key signed it."""
    note = aics.parse_note(signed)
    key = aics.parse_vkey(str(published.named(signed.partition("\n")[0])))
    return aics.verify_checkpoint(note, key)


def proved(text: str) -> bool:
    """Whether it finds the event of a proof in the log."""
    top, _, signed = text.partition("\n\n")
    _, extra, index, *path = top.split("\n")
    head = opens(signed, Verifier.parse(PROOFS["key"]))
    event = base64.b64decode(extra.removeprefix("extra "))
    hashes = [base64.b64decode(one) for one in path]
    number = int(index.removeprefix("index "))
    return bool(head.ok and aics.verify_leaf_inclusion(event, number, head.size, hashes, head.root))


@pytest.mark.parametrize("case", PROOFS["valid"], ids=lambda case: str(case["index"]))
def test_it_finds_our_proofs_right(case):
    assert proved(case["proof"])


OURS = {
    "another version",
    "a node for an event",
    "an event of another log",
    "index with a zero before",
    "64 hashes",
}
"""What makes these wrong is in our format, not in the tree or the head."""


@pytest.mark.parametrize(
    "case", [one for one in PROOFS["invalid"] if one["why"] not in OURS], ids=lambda case: case["why"]
)
def test_it_finds_no_proof_right_that_we_refuse(case):
    with contextlib.suppress(ValueError):  # It couldn't even be read.
        assert not proved(case["proof"])


@pytest.mark.parametrize("case", EXPORTS["valid"], ids=lambda case: case["file"])
def test_it_comes_to_the_roots_of_our_exports_and_takes_their_heads(case):
    data = (VECTORS / "exports" / case["file"]).read_bytes()
    parts = dict(audit_exports.parts_of(data).members)
    head = opens(parts["checkpoint"].decode(), Verifier.parse(case["keys"][0]))
    assert head.ok, head.error
    assert (head.origin, head.size, head.root.hex()) == (case["log"], case["size"], case["root"])
    if (case["from"], case["to"]) == (0, case["size"]):
        lines = b"".join(content for name, content in parts.items() if name.startswith("events/")).splitlines()
        assert aics.MerkleTree(lines).root() == head.root
    assert verify(io.BytesIO(data), [Verifier.parse(key) for key in case["keys"]], case["held"]).head.root == head.root


def test_it_opens_no_head_that_we_refuse():
    for name in ("forged-size", "forged-signature", "unsigned", "wrong-key-name", "one-bad-of-two", "unknown-key"):
        data = (VECTORS / "exports" / f"{name}.safehold-audit").read_bytes()
        signed = dict(audit_exports.parts_of(data).members)["checkpoint"].decode()
        with contextlib.suppress(ValueError):
            assert not opens(signed).ok, name


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 255, 256, 257, 1000])
def test_its_tree_is_ours(size):
    events = [b"event %d" % number for number in range(size)]
    leaves = merkle.leaf_hashes(events)
    tree, subtree = aics.MerkleTree(events), merkle.subtree_of(leaves)
    assert tree.root() == merkle.root(leaves)
    for index in {0, size // 2, size - 1}:
        path = merkle.inclusion_proof(index, size, subtree)
        assert tree.inclusion_proof(index) == path
        assert aics.verify_inclusion(leaves[index], index, size, path, tree.root())
    for old in {1, size // 2, size} - {0}:
        ours = merkle.consistency_proof(old, size, subtree)
        assert tree.consistency_proof(old) == list(ours)
        assert aics.verify_consistency(old, size, merkle.root(leaves[:old]), tree.root(), list(ours))
