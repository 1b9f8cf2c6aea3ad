"""The proof that one event is in a log, in one small file: C2SP tlog-proof (specs/audit-log.md, section 9)."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from safehold.kernel import auditevent, merkle, note
from safehold.kernel.checkpoint import Checkpoint, open_checkpoint
from safehold.kernel.errors import Tampered

__all__ = ["MAX_PROOF", "Proof", "verify"]

MAX_PROOF = 2 * note.MAX_NOTE
_HEAD = re.compile(r"c2sp\.org/tlog-proof@v1\n(?:extra ([A-Za-z0-9+/=]+)\n)?index (0|[1-9][0-9]{0,15})\n")


@dataclass(frozen=True, slots=True)
class Proof:
    """One event's bytes (`extra`), its index, the hashes that lead to the root, and the signed checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def encode(self) -> str:
        """The text of the proof."""
        extra = "" if self.extra is None else f"extra {base64.b64encode(self.extra).decode()}\n"
        path = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.hashes)
        return f"c2sp.org/tlog-proof@v1\n{extra}index {self.index}\n{path}\n{self.checkpoint}"

    @classmethod
    def parse(cls, data: str | bytes) -> Proof:
        """The proof in this text; nothing in it is verified yet."""
        try:
            text = data if isinstance(data, str) else data.decode("utf-8")
        except UnicodeError:
            raise Tampered("Expected a proof in UTF-8.") from None
        head = _HEAD.match(text)
        if not head or len(text) > MAX_PROOF:
            raise Tampered("Expected a proof: c2sp.org/tlog-proof@v1, extra, index.")
        path, blank, checkpoint = ("\n" + text[head.end() :]).partition("\n\n")
        lines = path.split("\n")[1:]
        if not blank or len(lines) > 63:
            raise Tampered("Expected at most 63 hashes, an empty line and a checkpoint.")
        hashes = tuple(note.from_base64(line) for line in lines)
        if any(len(one) != 32 for one in hashes):
            raise Tampered("Expected hashes of 32 bytes.")
        extra = None if head[1] is None else note.from_base64(head[1])
        return cls(int(head[2]), hashes, checkpoint, extra)


def verify(data: str | bytes, published: Sequence[note.Verifier]) -> tuple[auditevent.Event, Checkpoint]:
    """The event that this proof proves, and the checkpoint above it; raises `Tampered`. Steps as in the spec."""
    # 1. Parse.
    found = Proof.parse(data)
    if found.extra is None:
        raise Tampered("Expected the event's bytes in the extra line of the proof.")
    # 2. The checkpoint.
    head = open_checkpoint(found.checkpoint, published)
    # 3. The event.
    event = auditevent.decode(found.extra)
    if event.log != head.origin:
        raise Tampered(f"Expected an event of {head.origin}, found one of {event.log}.")
    # 4. Inclusion.
    merkle.verify_inclusion(found.index, head.size, merkle.leaf_hash(found.extra), found.hashes, head.root)
    return event, head
