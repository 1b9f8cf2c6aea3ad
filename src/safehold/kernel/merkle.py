"""The Merkle tree of RFC 6962: roots, frontiers, and proofs that raise when they don't hold (specs/audit-log.md, 5).

Functions that make proofs ask for hashes through a `Subtree`: a function from (lo, hi) to the tree hash of the leaves
[lo, hi). `tiles.TileReader.subtree` is one over stored tiles; `subtree_of(leaf_hashes)` is one over a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

from safehold.kernel.errors import Tampered

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "Subtree",
    "consistency_proof",
    "cover",
    "inclusion_proof",
    "leaf_hash",
    "leaf_hashes",
    "node_hash",
    "root",
    "subtree_of",
    "verify_consistency",
    "verify_inclusion",
]

Subtree = Callable[[int, int], bytes]

EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """The hashes of many leaves."""
    return [sha256(b"\x00" + data).digest() for data in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def _parents(hashes: Sequence[bytes]) -> list[bytes]:
    """One level up, for an even number of neighbours."""
    pairs = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    frontier = Frontier()
    frontier.extend(hashes)
    return frontier.root()


def cover(lo: int, hi: int) -> list[tuple[int, int]]:
    """The perfect aligned subtrees that make up [lo, hi), from left to right, as (lo, hi) each."""
    found = []
    while lo < hi:
        width = 1 << ((hi - lo).bit_length() - 1)
        if lo:
            width = min(width, lo & -lo)
        found.append((lo, lo + width))
        lo += width
    return found


class Frontier:
    """The right edge of a growing tree: all that is needed to add leaves and to know the root.

    Holds one hash for each one-bit of `size`, so 20 hashes for a million leaves.
    """

    __slots__ = ("_levels", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """A frontier of `size` leaves from its hashes, largest subtree first; `Tampered` if their number is wrong."""
        if size < 0 or len(hashes) != size.bit_count() or any(len(one) != 32 for one in hashes):
            raise Tampered(f"Expected {max(size, 0).bit_count()} hashes of 32 bytes for {size} leaves.")
        self.size = size
        rest = list(hashes)
        self._levels: list[bytes] = [rest.pop() if size >> level & 1 else b"" for level in range(size.bit_length())]

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """What `to_bytes` wrote."""
        if len(data) < 8 or len(data) % 32 != 8:
            raise Tampered("Expected a frontier: 8 bytes of size, then hashes of 32 bytes.")
        size = int.from_bytes(data[:8], "big")
        return cls(size, [data[at : at + 32] for at in range(8, len(data), 32)])

    def to_bytes(self) -> bytes:
        """The size as 8 bytes, then the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes())

    def hashes(self) -> list[bytes]:
        """The roots of the perfect subtrees, largest first."""
        return [one for one in reversed(self._levels) if one]

    def copy(self) -> Frontier:
        """A second frontier that grows on its own."""
        return Frontier(self.size, self.hashes())

    def append(self, leaf: bytes) -> None:
        """Add one leaf, by its hash."""
        self.append_subtree(0, leaf)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add many leaves, by their hashes: one pass a level."""
        self._carry(0, list(leaves))
        self.size += len(leaves)

    def append_subtree(self, height: int, subtree_root: bytes) -> None:
        """Add a perfect subtree of 2^height leaves, by its root; it has to start where such a subtree can."""
        if self.size % (1 << height):
            raise Tampered(f"A subtree of {1 << height} leaves can't start at index {self.size}.")
        self._carry(height, [subtree_root])
        self.size += 1 << height

    def _carry(self, level: int, hashes: list[bytes]) -> None:
        levels = self._levels
        levels.extend([b""] * (level - len(levels)))
        while hashes:
            if level == len(levels):
                levels.append(b"")
            if levels[level]:
                hashes.insert(0, levels[level])
            levels[level] = hashes.pop() if len(hashes) % 2 else b""
            hashes = _parents(hashes)
            level += 1

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        hashes = self.hashes()
        if not hashes:
            return EMPTY_ROOT
        result = hashes.pop()
        while hashes:
            result = node_hash(hashes.pop(), result)
        return result


def subtree_of(hashes: Sequence[bytes]) -> Subtree:
    """A `Subtree` over leaf hashes in memory."""
    return lambda lo, hi: root(hashes[lo:hi])


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the first `size` leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    lo, hi, path = 0, size, []
    while hi - lo > 1:
        middle = lo + _split(hi - lo)
        if index < middle:
            path.append(subtree(middle, hi))
            hi = middle
        else:
            path.append(subtree(lo, middle))
            lo = middle
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected_root: bytes) -> None:
    """Raise `Tampered` unless `leaf` (its hash) is at `index` in the tree of `size` leaves with that root."""
    if not 0 <= index < size:
        raise Tampered(f"Expected an index below the tree's size {size}, found {index}.")
    # RFC 9162 section 2.1.3.2: `at` is the position on the present level, `last` that of the rightmost node.
    at, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != 32:
            raise Tampered("Expected a shorter inclusion proof.")
        if at & 1 or at == last:
            result = node_hash(sibling, result)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Tampered("Expected a longer inclusion proof.")
    if result != expected_root:
        raise Tampered(f"The inclusion proof of leaf {index} does not lead to the root.")


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The hashes that show the first `old` leaves to be unchanged in the tree of `new` leaves (RFC 6962, 2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError(f"{old} leaves are not a beginning of {new}")
    if old in (0, new):
        return []
    lo, hi, path, whole = 0, new, [], True
    while old != hi:
        middle = lo + _split(hi - lo)
        if old <= middle:
            path.append(subtree(middle, hi))
            hi = middle
        else:
            path.append(subtree(lo, middle))
            lo, whole = middle, False
    return ([] if whole else [subtree(lo, hi)]) + path[::-1]


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `Tampered` unless the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 <= old <= new:
        raise Tampered(f"Expected at least {old} leaves, found {new}: the log was cut.")
    if old in (0, new):
        if proof or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise Tampered("The two trees do not agree.")
        return
    # RFC 9162 section 2.1.4.2.
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps or any(len(one) != 32 for one in steps):
        raise Tampered("Expected a longer consistency proof.")
    if _join(old, new, steps) != (old_root, new_root):
        raise Tampered("The consistency proof does not join the two roots.")


def _join(old: int, new: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a consistency proof leads to."""
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_result = new_result = steps[0]
    for one in steps[1:]:
        if last == 0:
            raise Tampered("Expected a shorter consistency proof.")
        if at & 1 or at == last:
            old_result, new_result = node_hash(one, old_result), node_hash(one, new_result)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new_result = node_hash(new_result, one)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Tampered("Expected a longer consistency proof.")
    return old_result, new_result
