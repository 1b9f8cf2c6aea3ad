"""The tree against RFC 6962's own definition; proofs that hold, and every change to one that doesn't."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from safehold.kernel import merkle, tiles
from safehold.kernel.errors import Tampered
from safehold.kernel.verifier import standalone
from support.auditvectors import load

LEAVES = merkle.leaf_hashes(f"leaf {number}".encode() for number in range(600))
SIZES = st.integers(0, 600)


def mth(leaves):
    """RFC 6962 section 2.1, word for word (over leaf hashes)."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(index, leaves):
    """RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def subproof(old, leaves, whole):
    """RFC 6962 section 2.1.2, word for word."""
    if old == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if old <= k:
        return [*subproof(old, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(old - k, leaves[k:], False), mth(leaves[:k])]


SUBTREE = merkle.subtree_of(LEAVES)

# The leaves and roots that implementations of Certificate Transparency are tested with.
KNOWN_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_known_elsewhere(size):
    leaves = merkle.leaf_hashes(bytes.fromhex(one) for one in KNOWN_LEAVES[:size])
    assert merkle.root(leaves).hex() == KNOWN_ROOTS[size]


@given(SIZES, st.lists(st.integers(1, 300), max_size=6))
def test_root_does_not_depend_on_how_leaves_arrive(size, pieces):
    frontier, at = merkle.Frontier(), 0
    for piece in [*pieces, 600]:
        frontier.extend(LEAVES[at : min(size, at + piece)])
        at = min(size, at + piece)
    assert frontier.size == size
    assert frontier.root() == merkle.root(LEAVES[:size]) == mth(LEAVES[:size])
    again = merkle.Frontier.from_bytes(frontier.to_bytes())
    assert again.root() == frontier.copy().root() == frontier.root()


def test_one_by_one():
    frontier = merkle.Frontier()
    for number, leaf in enumerate(LEAVES[:70]):
        assert frontier.root() == mth(LEAVES[:number])
        frontier.append(leaf)


@given(st.data())
def test_inclusion(data):
    size = data.draw(st.integers(1, 600))
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, SUBTREE)
    root = mth(LEAVES[:size])
    assert proof == path(index, LEAVES[:size])
    merkle.verify_inclusion(index, size, LEAVES[index], proof, root)
    assert standalone.root_from_proof(index, size, LEAVES[index], proof, 0) == root
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index)) if size > 1 else size
    for wrong in (
        (other, size, LEAVES[index], proof, root),
        (index, size, LEAVES[other % size] if size > 1 else root[::-1], proof, root),
        (index, size, LEAVES[index], [*proof, root], root),
        (index, size, LEAVES[index], [*proof, root[:31]], root),
        (index, size, LEAVES[index], proof, root[::-1]),
        (size, size, LEAVES[index], proof, root),
        (-1, size, LEAVES[index], proof, root),
        *(((index, size, LEAVES[index], proof[:-1], root),) if proof else ()),
        *(((index, size, LEAVES[index], [proof[0][::-1], *proof[1:]], root),) if proof else ()),
    ):
        with pytest.raises(Tampered):
            merkle.verify_inclusion(*wrong)


@given(st.data())
def test_consistency(data):
    new = data.draw(SIZES)
    old = data.draw(st.integers(0, new))
    proof = merkle.consistency_proof(old, new, SUBTREE)
    roots = mth(LEAVES[:old]), mth(LEAVES[:new])
    assert proof == (subproof(old, LEAVES[:new], True) if old else [])
    merkle.verify_consistency(old, new, *roots, proof)
    wrong = [
        (old, new, roots[0][::-1], roots[1], proof),
        (old, new, *roots, [*proof, roots[0]]),
        (new + 1, new, *roots, proof),
        (-1, new, *roots, proof),
    ]
    if 0 < old < new:
        wrong += [
            (old, new, roots[0], roots[1][::-1], proof),
            (old, new, *roots, proof[:-1]),
            (old, new, *roots, [proof[0][::-1], *proof[1:]]),
            (old, new, *roots, [*proof[:-1], b"short"]),
            (old, new, *roots, []),
        ]
    for one in wrong:
        with pytest.raises(Tampered):
            merkle.verify_consistency(*one)


@given(SIZES, st.data())
def test_cover_rebuilds_the_tree(size, data):
    first = data.draw(st.integers(0, size))
    frontier = merkle.Frontier(first, [SUBTREE(lo, hi) for lo, hi in merkle.cover(0, first)])
    for lo, hi in merkle.cover(first, size):
        assert (hi - lo) & (hi - lo - 1) == 0
        assert lo % (hi - lo) == 0
        frontier.append_subtree((hi - lo).bit_length() - 1, SUBTREE(lo, hi))
    assert frontier.root() == mth(LEAVES[:size])


def test_vectors():
    cases = load("tree.json")
    for case in cases["heads"]:
        frontier = merkle.Frontier.from_bytes(bytes.fromhex(case["frontier"]))
        assert frontier.root().hex() == case["root"] == mth(LEAVES[: case["size"]]).hex()
    for case in cases["inclusion"]:
        proof = [bytes.fromhex(one) for one in case["proof"]]
        merkle.verify_inclusion(case["index"], case["size"], LEAVES[case["index"]], proof, mth(LEAVES[: case["size"]]))
    for case in cases["consistency"]:
        proof = [bytes.fromhex(one) for one in case["proof"]]
        roots = mth(LEAVES[: case["old"]]), mth(LEAVES[: case["new"]])
        merkle.verify_consistency(case["old"], case["new"], *roots, proof)
    for case in cases["covers"]:
        assert merkle.cover(case["from"], case["to"]) == [tuple(one) for one in case["subtrees"]]


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 7, (1).to_bytes(8, "big"), (3).to_bytes(8, "big") + b"x" * 32, b"\x00" * 8 + b"x" * 31]
)
def test_broken_frontiers_are_refused(data):
    with pytest.raises(Tampered):
        merkle.Frontier.from_bytes(data)


def test_misplaced_subtrees_are_refused():
    frontier = merkle.Frontier(1, [LEAVES[0]])
    with pytest.raises(Tampered):
        frontier.append_subtree(1, LEAVES[1])
    with pytest.raises(Tampered):
        merkle.Frontier(1, [b"short"])
    with pytest.raises(Tampered):
        merkle.Frontier(-1, [])


def test_proofs_of_nothing_are_not_made():
    with pytest.raises(ValueError, match="no leaf 3"):
        merkle.inclusion_proof(3, 3, SUBTREE)
    with pytest.raises(ValueError, match="not a beginning"):
        merkle.consistency_proof(4, 3, SUBTREE)


# ---- tiles


class Store(dict):
    """Tiles as a table keeps them."""

    def read(self, level, index):
        return self[level, index]


BIG = [sha256(number.to_bytes(4, "big")).digest() for number in range(70_000)]


def test_tiles_of_seventy_thousand_are_those_of_the_specification():
    names = tiles.tiles_for(70_000)
    assert sum(1 for level, _, width in names if level == 0 and width == 256) == 273
    assert [name for name in names if name[2] < 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert tiles.tiles_for(256) == [(0, 0, 256), (1, 0, 1)]
    assert tiles.tiles_for(0) == []


def test_tiles_grown_in_pieces_give_every_hash():
    store, size = Store(), 0
    for piece in (1, 254, 1, 1, 255, 256, 3000, 511, 61_000, 4721):
        store |= tiles.grow(size, BIG[size : size + piece], store.read)
        size += piece
    assert size == 70_000
    assert {(*name, len(data) // 32) for name, data in store.items()} == set(tiles.tiles_for(size))
    reader = tiles.TileReader(size, store.read)
    assert reader.subtree(0, size) == merkle.root(BIG)
    for first in (0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000):
        assert reader.frontier(first).root() == merkle.root(BIG[:first])
        frontier = reader.frontier(first)
        for (lo, hi), found in zip(merkle.cover(first, size), reader.hashes(first, size), strict=True):
            frontier.append_subtree((hi - lo).bit_length() - 1, found)
        assert frontier.root() == merkle.root(BIG)
    for index in (0, 255, 256, 65_536, 69_999):
        proof = merkle.inclusion_proof(index, size, reader.subtree)
        merkle.verify_inclusion(index, size, BIG[index], proof, merkle.root(BIG))
    proof = merkle.consistency_proof(3001, size, reader.subtree)
    merkle.verify_consistency(3001, size, merkle.root(BIG[:3001]), merkle.root(BIG), proof)


def test_growing_reads_only_the_right_edge():
    store = Store(tiles.grow(0, BIG[:66_000], Store().read))
    asked = []
    written = tiles.grow(66_000, BIG[66_000:66_010], lambda *name: asked.append(name) or store.read(*name))
    assert asked == [(0, 257)]
    assert set(written) == {(0, 257)}


def test_a_reader_of_an_older_size_takes_fuller_tiles():
    store = Store(tiles.grow(0, BIG[:300], Store().read))
    assert tiles.TileReader(270, store.read).subtree(0, 270) == merkle.root(BIG[:270])
    with pytest.raises(ValueError, match="only 270"):
        tiles.TileReader(270, store.read).subtree(256, 272)


@pytest.mark.parametrize("data", [b"", BIG[0], BIG[0] + b"x"])
def test_tiles_that_lost_something_are_noticed(data):
    with pytest.raises(Tampered):
        tiles.TileReader(2, lambda *_: data).subtree(0, 2)
