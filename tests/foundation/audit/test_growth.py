"""What a batch adds to a log is what the kernel's own tree and chain say."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from hypothesis import given, settings, strategies as st

from safehold.foundation.audit.growth import Batch, Log, completed
from safehold.kernel import chain, merkle, tiles
from safehold.kernel.auditevent import origin_of

LOG = UUID(int=7)
ORIGIN = origin_of("test", LOG)


def digests(count: int, start: int = 0) -> list[bytes]:
    return [sha256(number.to_bytes(8, "big")).digest() for number in range(start, start + count)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_inner_hashes_are_those_of_the_tiles(sizes: list[int]):
    leaves = digests(sum(sizes))
    frontier, nodes, at = merkle.Frontier(), {}, 0
    for size in sizes:
        part = leaves[at : at + size]
        for level, index, found in completed(frontier, part):
            assert (level, index) not in nodes
            nodes[level, index] = found
        frontier.extend(part)
        at += size
    expected = {
        (level + 1, index): merkle.root(leaves[index * 256 ** (level + 1) : (index + 1) * 256 ** (level + 1)])
        for level, index, width in tiles.tiles_for(at)
        if width == 256
    }
    assert nodes == expected


def test_inner_hashes_of_the_second_level():
    leaves = digests(256 * 256 + 3)
    frontier = merkle.Frontier()
    frontier.extend(leaves[:65_000])
    found = completed(frontier, leaves[65_000:])
    assert found[-1] == (2, 0, merkle.root(leaves[:65_536]))


def test_a_batch_gives_dense_places_and_a_chain():
    log, batch = Log.new(LOG, ORIGIN), Batch()
    first, second = digests(3), digests(5, 3)
    batch.add(log, [(UUID(int=100 + at), digest) for at, digest in enumerate(first)])
    batch.add(log, [(UUID(int=200 + at), digest) for at, digest in enumerate(second)])
    assert [leaf[1] for leaf in batch.leaves] == list(range(8))
    assert batch.leaves[-1][4] == log.chain == chain.extend_many(chain.start(ORIGIN), first + second)
    assert batch.heads[-1][2:] == (8, log.chain, log.frontier.to_bytes(), merkle.root(first + second))
