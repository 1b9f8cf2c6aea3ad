"""A C2SP witness, written from the specifications alone (tlog-witness, tlog-cosignature, RFC 6962), without our code.

It remembers the largest head of each log that it cosigned, and cosigns no other than one that grew out of it.
"""

from __future__ import annotations

import base64
import hashlib
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["Witness"]

SIZE = {"Content-Type": "text/x.tlog.size"}


class Witness:
    """One witness: answers add-checkpoint requests."""

    def __init__(self, name: str = "witness.example/w1") -> None:
        self.name = name
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()
        self.logs: dict[str, bytes] = {}
        self.heads: dict[str, tuple[int, bytes]] = {}
        self.id = hashlib.sha256(name.encode() + b"\n\x04" + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """What it publishes."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([4]) + self.public).decode()}"

    def trust(self, origin: str, public: bytes) -> None:
        """Cosign heads of this log, which signs with this key."""
        self.logs[origin] = public

    def answer(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What it says to one add-checkpoint request."""
        head, _, note = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        old = int(first.removeprefix("old "))
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        origin, size, root = text.split("\n")[0], int(text.split("\n")[1]), base64.b64decode(text.split("\n")[2])
        if origin not in self.logs:
            return 404, {}, b""
        if not self._signed(text, signatures, origin):
            return 403, {}, b""
        known, known_root = self.heads.get(origin, (0, b""))
        if old != known or (size == known and root != known_root):
            return (409, SIZE, f"{known}\n".encode()) if old <= size else (400, {}, b"")
        proof = [base64.b64decode(line) for line in lines if line]
        if known and not grew(known, size, known_root, root, proof):
            return 422, {}, b""
        self.heads[origin] = size, root
        return 200, {}, self._cosign(text)

    def _signed(self, text: str, signatures: str, origin: str) -> bool:
        public = self.logs[origin]
        wanted = hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
        for line in signatures.splitlines():
            _, name, data = line.split(" ")
            raw = base64.b64decode(data)
            if name == origin and raw[:4] == wanted:
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
                except InvalidSignature:
                    return False
                return True
        return False

    def _cosign(self, text: str) -> bytes:
        now = int(time.time())
        signed = self.key.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
        data = base64.b64encode(self.id + now.to_bytes(8, "big") + signed).decode()
        return f"— {self.name} {data}\n".encode()


def grew(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2: whether the proof leads from the old head to the new one."""
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = hashlib.sha256(b"\x01" + c + fr).digest(), hashlib.sha256(b"\x01" + c + sr).digest()
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\x01" + sr + c).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (fr, sr) == (old_root, new_root)
