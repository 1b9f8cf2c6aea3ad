"""The rolling SHA-256 chain: each head covers every event before it (specs/audit-log.md, section 5).

The chain takes the same leaf hashes as the tree (`merkle.leaf_hash`), so one hash an event is kept. Its start is made
from the log's origin: the same events under another origin give another chain.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

__all__ = ["extend", "extend_many", "start"]

_START = b"safehold/audit/chain/v1\n"


def start(origin: str) -> bytes:
    """The head of a log that has no events yet."""
    return sha256(_START + origin.encode()).digest()


def extend(head: bytes, leaf_hash: bytes) -> bytes:
    """The head after one more event."""
    if len(head) != 32 or len(leaf_hash) != 32:
        raise ValueError("head and leaf hash have 32 bytes each")
    return sha256(b"\x02" + head + leaf_hash).digest()


def extend_many(head: bytes, leaf_hashes: Iterable[bytes]) -> bytes:
    """The head after many more events; the same as `extend` one by one, without the checks of length."""
    for leaf_hash in leaf_hashes:
        head = sha256(b"\x02" + head + leaf_hash).digest()
    return head
