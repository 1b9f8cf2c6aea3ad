"""Cosignatures of witnesses: C2SP tlog-cosignature, version 1 with Ed25519.

A witness signs that the head in a checkpoint is the largest one of this log that it has seen, and consistent with all
that it saw before. Its line stands below the log's own signature in the same note; who doesn't know the witness skips
it.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from safehold.kernel.errors import Invalid, Tampered
from safehold.kernel.note import from_base64

__all__ = ["Cosigned", "Witness", "message"]

_COSIGNATURE: Final = b"\x04"
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\n?")
_NAME = re.compile(r"[^\s+]+")


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness's line, found right, and the second (since 1970) at which it says that it signed."""

    line: str
    time: int


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's public key under its name. `str()` gives the text that it publishes."""

    name: str
    public: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public) != 32:
            raise Invalid("A witness has a name without spaces or plus signs, and an Ed25519 key of 32 bytes.")
        named = sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public).digest()
        object.__setattr__(self, "key_id", named[:4])

    @classmethod
    def parse(cls, text: str) -> Witness:
        """A witness from its published text, `<name>+<hex id>+<base64>` with the key type 4."""
        expected = "A witness's key is written name+id+base64, of the type 4 (cosignature/v1)."
        parts = text.strip().split("+", 2)
        try:
            data = from_base64(parts[2])
        except (IndexError, Tampered):
            raise Invalid(expected) from None
        if data[:1] != _COSIGNATURE or len(data) != 33:
            raise Invalid(expected)
        found = cls(parts[0], data[1:])
        if found.key_id.hex() != parts[1]:
            raise Invalid(f"The key's id is {found.key_id.hex()}, but its text says {parts[1][:16]}.")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_COSIGNATURE + self.public).decode()}"

    def read(self, answer: str, text: str) -> Cosigned:
        """This witness's line out of an answer of signature lines, over the five lines of a checkpoint.

        `Tampered` where there is none, or where it isn't right.
        """
        for line in answer.splitlines():
            found = _LINE.fullmatch(line)
            if found and found[1] == self.name:
                data = from_base64(found[2])
                if data[:4] == self.key_id:
                    return self._verified(line, data, text)
        raise Tampered(f"Expected a cosignature of {self.name}, found none.")

    def _verified(self, line: str, data: bytes, text: str) -> Cosigned:
        if len(data) != 4 + 8 + 64:
            raise Tampered(f"Expected a cosignature of 76 bytes of {self.name}.")
        time = int.from_bytes(data[4:12], "big")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(data[12:], message(text, time))
        except (InvalidSignature, ValueError):
            raise Tampered(f"The cosignature of {self.name} is not right.") from None
        return Cosigned(f"{line}\n", time)


def message(text: str, time: int) -> bytes:
    """What a witness signs: the text of the checkpoint, without signatures, and a moment (seconds since 1970)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()
