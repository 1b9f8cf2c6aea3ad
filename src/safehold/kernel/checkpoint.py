"""Checkpoints: the signed head of a log, as in C2SP tlog-checkpoint (specs/audit-log.md, section 7)."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from safehold.kernel import note
from safehold.kernel.auditevent import ORIGIN
from safehold.kernel.canonical import MAX_INT
from safehold.kernel.errors import Tampered

__all__ = ["Checkpoint", "open_checkpoint", "peek_origin", "verifiers_for"]

_DECIMAL = r"(0|[1-9][0-9]{0,15})"
_TEXT = re.compile(rf"([^\n]+)\n{_DECIMAL}\n([A-Za-z0-9+/=]+)\nchain ([A-Za-z0-9+/=]+)\ntime {_DECIMAL}\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log at one size, at one moment (microseconds)."""

    origin: str
    size: int
    root: bytes
    chain: bytes
    time: int

    @property
    def text(self) -> str:
        """The five lines that are signed."""
        root, chain = (base64.b64encode(one).decode() for one in (self.root, self.chain))
        return f"{self.origin}\n{self.size}\n{root}\nchain {chain}\ntime {self.time}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The head in these five lines; `Tampered` if there is anything else."""
        found = _TEXT.fullmatch(text)
        if not found or not ORIGIN.fullmatch(found[1]):
            raise Tampered("Expected a checkpoint: origin, size, root, chain, time.")
        root, chain = note.from_base64(found[3]), note.from_base64(found[4])
        size, time = int(found[2]), int(found[5])
        if len(root) != 32 or len(chain) != 32 or size > MAX_INT or time > MAX_INT:
            raise Tampered("Expected a checkpoint with hashes of 32 bytes and numbers below 2^53.")
        return cls(found[1], size, root, chain, time)

    def sign(self, *signers: note.Signer) -> str:
        """The signed note; each signer takes the log's origin as its name."""
        return note.sign(self.text, *(signer.named(self.origin) for signer in signers))


def verifiers_for(origin: str, published: Sequence[note.Verifier]) -> list[note.Verifier]:
    """The verifiers of one log out of published keys; `Tampered` if the log belongs to none of them."""
    named = ORIGIN.fullmatch(origin) is not None
    found = [key.named(origin) for key in published if named and origin.startswith(f"{key.name}/")]
    if not found:
        names = " or ".join(sorted({key.name for key in published})) or "a known installation"
        raise Tampered(f"Expected a log of {names}, found {origin[:120]!r}.")
    return found


def peek_origin(signed: str) -> str:
    """What a note claims as its origin, unverified: only to pick the key to verify it with."""
    return signed.partition("\n")[0]


def open_checkpoint(signed: str, published: Sequence[note.Verifier], origin: str | None = None) -> Checkpoint:
    """The checkpoint in a signed note, of `origin` if given; `published` are keys as an installation publishes them."""
    claimed = peek_origin(signed)
    if origin is not None and claimed != origin:
        raise Tampered(f"Expected a checkpoint of {origin}, found one of {claimed[:120]!r}.")
    return Checkpoint.parse(note.open_note(signed, verifiers_for(claimed, published)))
