"""XAES-256-GCM (C2SP version 1.0.1): AES-256-GCM with a 192-bit nonce that may safely be random.

Each message has a key of its own, derived from the key and the first half of the nonce by a NIST SP 800-108 key
derivation over AES-CMAC; the second half is the nonce of plain AES-256-GCM. With random nonces, 2^80 messages under
one key collide with a chance of 2^-32.

A `XaesKey` keeps no copy of the key it was made from: only OpenSSL's key schedule and the CMAC subkey, neither of
which a repr, a pickle or an exception ever shows.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safehold.kernel.errors import Tampered

__all__ = ["KEY_SIZE", "NONCE_SIZE", "OVERHEAD", "TAG_SIZE", "XaesKey"]

KEY_SIZE = 32
NONCE_SIZE = 24
TAG_SIZE = 16
OVERHEAD = NONCE_SIZE + TAG_SIZE
"""How much longer a sealed message is than its plain text."""

_HALF = 12
_BLOCK_MASK = (1 << 128) - 1
_LABEL_1 = 0x0001_5800 << 96
_LABEL_2 = 0x0002_5800 << 96


class XaesKey:
    """A key for XAES-256-GCM. Every refusal to open raises the same `Tampered`."""

    __slots__ = ("_cmac_1", "_cmac_2", "_encrypt_blocks", "_lock")

    def __init__(self, key: bytes | bytearray) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError("an XAES-256-GCM key has 32 bytes")
        # ECB here is the bare block cipher of the derivation below, never a mode for messages.
        self._encrypt_blocks = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
        self._lock = threading.Lock()
        # Steps 1 and 2 of the specification, done once a key.
        block = int.from_bytes(self._encrypt_blocks.update(bytes(16)), "big")
        subkey = (block << 1 & _BLOCK_MASK) ^ (0b10000111 if block >> 127 else 0)
        # Steps 3 and 4, as far as they don't depend on the nonce.
        self._cmac_1, self._cmac_2 = subkey ^ _LABEL_1, subkey ^ _LABEL_2

    def seal(self, plaintext: bytes, associated_data: bytes) -> bytes:
        """A fresh random nonce, the ciphertext and its tag, in one string."""
        return self.seal_with_chosen_nonce(os.urandom(NONCE_SIZE), plaintext, associated_data)

    def seal_many(self, messages: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """`seal` for many (plain text, associated data), cheaper by the message."""
        random = os.urandom(NONCE_SIZE * len(messages))
        nonces = [random[at : at + NONCE_SIZE] for at in range(0, len(random), NONCE_SIZE)]
        return [
            nonce + AESGCM(key).encrypt(nonce[_HALF:], plaintext, associated_data)
            for nonce, key, (plaintext, associated_data) in zip(nonces, self._derive(nonces), messages, strict=True)
        ]

    def seal_with_chosen_nonce(self, nonce: bytes, plaintext: bytes, associated_data: bytes) -> bytes:
        """`seal` with a nonce that the caller answers for. Used twice, a nonce gives both messages away."""
        if len(nonce) != NONCE_SIZE:
            raise ValueError("an XAES-256-GCM nonce has 24 bytes")
        (key,) = self._derive((nonce,))
        return nonce + AESGCM(key).encrypt(nonce[_HALF:], plaintext, associated_data)

    def open(self, sealed: bytes, associated_data: bytes) -> bytes:
        """The plain text of what `seal` made with the same key and associated data, or `Tampered`."""
        (plaintext,) = self.open_many([(sealed, associated_data)])
        return plaintext

    def open_many(self, messages: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """`open` for many (sealed, associated data). One that doesn't open refuses them all."""
        if any(len(sealed) < OVERHEAD for sealed, _ in messages):
            raise Tampered
        keys = self._derive([sealed[:NONCE_SIZE] for sealed, _ in messages])
        try:
            return [
                AESGCM(key).decrypt(sealed[_HALF:NONCE_SIZE], sealed[NONCE_SIZE:], associated_data)
                for key, (sealed, associated_data) in zip(keys, messages, strict=True)
            ]
        except InvalidTag:
            raise Tampered from None

    def _derive(self, nonces: Iterable[bytes]) -> list[bytes]:
        """Step 5: a message key for each nonce. All blocks go through the cipher in one call."""
        blocks = bytearray()
        for nonce in nonces:
            context = int.from_bytes(nonce[:_HALF], "big")
            blocks += (self._cmac_1 ^ context).to_bytes(16, "big") + (self._cmac_2 ^ context).to_bytes(16, "big")
        with self._lock:  # one cipher context can't serve two threads at once
            keys = self._encrypt_blocks.update(bytes(blocks))
        return [keys[at : at + KEY_SIZE] for at in range(0, len(keys), KEY_SIZE)]

    def __repr__(self) -> str:
        return "<XaesKey>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never copied or pickled")
