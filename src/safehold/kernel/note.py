"""Signed notes with Ed25519, as in C2SP signed-note (specs/audit-log.md, section 7).

An installation has one key pair and publishes it once, as `safehold/<installation>+<id>+<key>`. Each log signs with the
same key under its own origin as name: `signer.named(origin)`, `verifier.named(origin)`.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safehold.kernel.errors import Invalid, Tampered

__all__ = ["MAX_NOTE", "MAX_SIGNATURES", "Signer", "Verifier", "from_base64", "new_seed", "open_note", "sign"]

MAX_NOTE: Final = 1_048_576
MAX_SIGNATURES: Final = 64
_ED25519: Final = b"\x01"
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


def new_seed() -> bytes:
    """A fresh private key: 32 random bytes, to be kept secret."""
    return secrets.token_bytes(32)


def from_base64(text: str) -> bytes:
    """The bytes of the one canonical base64 spelling; `Tampered` for any other."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Tampered("Expected base64.") from None
    if base64.b64encode(data).decode() != text:
        raise Tampered("Expected canonical base64.")
    return data


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise Invalid(f"{name!r} can't name a key: it may hold no space and no plus sign.")


@dataclass(frozen=True)
class Verifier:
    """The public half of a key, under a name. `str()` gives the text to publish."""

    name: str
    public: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise Invalid("An Ed25519 public key has 32 bytes.")
        object.__setattr__(self, "key_id", _key_id(self.name, self.public))

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """A verifier from its published text, `<name>+<hex id>+<base64>`."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise Invalid("A public key is written name+id+base64.")
        try:
            data = from_base64(parts[2])
        except Tampered:
            raise Invalid("The last part of a public key is base64.") from None
        if data[:1] != _ED25519 or len(data) != 33:
            raise Invalid("Only Ed25519 keys (type 1) are taken.")
        found = cls(parts[0], data[1:])
        if found.key_id.hex() != parts[1]:
            raise Invalid(f"The key's id is {found.key_id.hex()}, but its text says {parts[1][:16]}.")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def named(self, name: str) -> Verifier:
        """The same key under another name: how a log's verifier is derived from the published key."""
        return Verifier(name, self.public)

    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise `Tampered` unless the signature is right."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            raise Tampered(f"The signature of {self.name} is not right.") from None


class Signer:
    """The private half of a key, under a name. Never prints its seed."""

    __slots__ = ("_key", "_seed", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<Signer {self.verifier.name}>"

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier.name

    def named(self, name: str) -> Signer:
        """The same key under another name."""
        return Signer(name, self._seed)

    def signature_line(self, text: str) -> str:
        """The line that signs `text`, with its newline: to add to a note that others have signed."""
        signature = self.verifier.key_id + self._key.sign(text.encode())
        return f"— {self.name} {base64.b64encode(signature).decode()}\n"


def sign(text: str, *signers: Signer) -> str:
    """A signed note over `text`, which ends with a newline."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Invalid("The text of a note ends with a newline and holds no control characters.")
    if not signers:
        raise Invalid("A note needs a signature.")
    return text + "\n" + "".join(signer.signature_line(text) for signer in signers)


def open_note(note: str | bytes, verifiers: Sequence[Verifier]) -> str:
    """The text of a note that at least one of the verifiers signed.

    `Tampered` if none did, if a known key's signature is wrong, or if this is no note.
    """
    text, lines = _parse(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    good = 0
    for name, signature in lines:
        verifier = known.get((name, signature[:4]))
        if verifier is not None:
            verifier.verify(text.encode(), signature[4:])
            good += 1
    if not good:
        wanted = " or ".join(sorted(verifier.name for verifier in verifiers)) or "a known key"
        raise Tampered(f"Expected a signature of {wanted}, found none.")
    return text


def _parse(note: str | bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Text (with its newline) and signature lines (name, id and signature) of a note."""
    if len(note) > MAX_NOTE:
        raise Tampered(f"Expected a note of at most {MAX_NOTE} bytes.")
    try:
        whole = note if isinstance(note, str) else note.decode("utf-8")
        whole.encode("utf-8")
    except UnicodeError:
        raise Tampered("Expected a note in UTF-8.") from None
    body, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n") or _CONTROL.search(whole):
        raise Tampered("Expected a signed note: text, an empty line, signature lines.")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Tampered(f"Expected at most {MAX_SIGNATURES} signatures.")
    signatures = []
    for line in lines:
        found = _SIGNATURE_LINE.fullmatch(line)
        if not found:
            raise Tampered("Expected signature lines after the last empty line of the note.")
        data = from_base64(found[2])
        if len(data) < 5:
            raise Tampered("Expected a key id and a signature.")
        signatures.append((found[1], data))
    return body + "\n", signatures
