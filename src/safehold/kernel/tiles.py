"""Tiles: the hashes of a tree kept 256 to a row, as in C2SP tlog-tiles (specs/audit-log.md, section 6).

A tile is named by (level, index) and holds up to 256 hashes of 32 bytes, joined. Only the last tile of each level can
be partial; it is rewritten as it fills, all the others never change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from safehold.kernel import merkle
from safehold.kernel.errors import Tampered

__all__ = ["WIDTH", "ReadTile", "TileReader", "grow", "tiles_for"]

WIDTH = 256
ReadTile = Callable[[int, int], bytes]
"""Gives the stored bytes of the tile (level, index)."""


def tiles_for(size: int) -> list[tuple[int, int, int]]:
    """Every tile of a tree of `size` leaves, as (level, index, number of hashes)."""
    found, level = [], 0
    while size:
        full, rest = divmod(size, WIDTH)
        found += [(level, index, WIDTH) for index in range(full)]
        found += [(level, full, rest)] if rest else []
        size, level = full, level + 1
    return found


def _split(data: bytes) -> list[bytes]:
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def grow(size: int, leaf_hashes: Sequence[bytes], read: ReadTile) -> dict[tuple[int, int], bytes]:
    """The tiles to write when a tree of `size` leaves gets more: the new ones, and partial ones that are now fuller.

    `read` is asked only for the partial tiles on the right edge.
    """
    written: dict[tuple[int, int], bytes] = {}
    hashes, level = list(leaf_hashes), 0
    while hashes:
        index, width = divmod(size, WIDTH)
        if width:
            hashes = _read(read, level, index, width) + hashes
        above = []
        for at in range(0, len(hashes), WIDTH):
            tile = hashes[at : at + WIDTH]
            written[level, index] = b"".join(tile)
            if len(tile) == WIDTH:
                above.append(merkle.root(tile))
            index += 1
        hashes, size, level = above, size // WIDTH, level + 1
    return written


def _read(read: ReadTile, level: int, index: int, width: int) -> list[bytes]:
    """The first `width` hashes of a stored tile; a fuller one serves as well."""
    hashes = _split(read(level, index))[:width]
    if len(hashes) != width or len(hashes[-1]) != 32:
        raise Tampered(f"Expected {width} hashes in tile {level}/{index}, found {len(hashes)}.")
    return hashes


class TileReader:
    """Tree hashes out of stored tiles; each tile is read once. Make a new one after the tree has grown."""

    def __init__(self, size: int, read: ReadTile) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def subtree(self, lo: int, hi: int) -> bytes:
        """The tree hash of leaves [lo, hi): what `merkle.inclusion_proof` and `consistency_proof` ask for."""
        frontier = merkle.Frontier()
        for start, end in merkle.cover(lo, hi):
            height = (end - start).bit_length() - 1
            frontier.append_subtree(height, self._perfect(start, height))
        return frontier.root()

    def hashes(self, lo: int, hi: int) -> list[bytes]:
        """The hashes of the cover of [lo, hi): a frontier for lo = 0, the right-hand side of an export else."""
        return [self._perfect(start, (end - start).bit_length() - 1) for start, end in merkle.cover(lo, hi)]

    def frontier(self, size: int) -> merkle.Frontier:
        """The frontier of the first `size` leaves."""
        return merkle.Frontier(size, self.hashes(0, size))

    def _perfect(self, start: int, height: int) -> bytes:
        if start + (1 << height) > self.size:
            raise ValueError(f"the tree has only {self.size} leaves")
        level, inner = divmod(height, 8)
        index, offset = divmod(start >> (8 * level), WIDTH)
        return merkle.root(self._tile(level, index)[offset : offset + (1 << inner)])

    def _tile(self, level: int, index: int) -> list[bytes]:
        tile = self._tiles.get((level, index))
        if tile is None:
            width = min(WIDTH, (self.size >> (8 * level)) - index * WIDTH)
            tile = self._tiles[level, index] = _read(self._read, level, index, width)
        return tile
