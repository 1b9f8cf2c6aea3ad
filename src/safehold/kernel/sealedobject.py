"""Sealed object, version 1: a stored file, sealed for one object of one tenant. `specs/sealed-object.md`.

    version (1) | salt (24) | commitment (32) | chunks of 16 KiB + tag (16) | a shorter last chunk + tag (16)

Behind the version it is a Cobblestone-256 message (C2SP chunked encryption). Whole objects go through the library's
implementation; parts of one are read here, chunk by chunk, over bare AES-256-GCM. Neither gives out anything that isn't
authentic.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from typing import NamedTuple, NoReturn
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from safehold.kernel.errors import Tampered
from safehold.kernel.framing import frame

__all__ = [
    "CHUNK",
    "HEADER",
    "KEY_SIZE",
    "LABEL",
    "VERSION",
    "PartReader",
    "context_of",
    "open_whole",
    "plain_size",
    "seal",
    "sealed_size",
]

VERSION = 1
LABEL = b"safehold/sealed-object"
KEY_SIZE = 32
CHUNK = 16 * 1024
"""Plain bytes of every chunk but the last."""

HEADER = 57
"""The bytes before the first chunk: version, salt, commitment."""

_TAG = 16
_SEALED_CHUNK = CHUNK + _TAG
_MOST_CHUNKS = 1 << 38
_INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
_PIECE = 1 << 20
"""Bytes that are worked on at once: this, a few times over, is all the memory that an object of any size takes."""


def context_of(environment: str, tenant_id: UUID, object_id: UUID) -> bytes:
    """The bytes that bind a sealed object to its id, tenant and environment."""
    return frame(LABEL, bytes((VERSION,)), environment.encode(), tenant_id.bytes, object_id.bytes)


def sealed_size(size: int) -> int:
    """How long the sealed form of so many plain bytes is."""
    return HEADER + size + _TAG * (size // CHUNK + 1)


def plain_size(sealed: int) -> int:
    """How many plain bytes a sealed object of this length holds; `Tampered` if none has this length."""
    chunks, last = divmod(sealed - HEADER, _SEALED_CHUNK)
    if chunks < 0 or last < _TAG or chunks >= _MOST_CHUNKS:
        raise Tampered
    return chunks * CHUNK + last - _TAG


def seal(key: bytes, context: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The sealed object, in pieces. `key` is random and seals nothing else, ever."""
    encryptor = Cobblestone256Encryptor(key, context)
    yield bytes((VERSION,))
    for piece in _cut(pieces):
        if done := encryptor.update(piece):
            yield done
    yield encryptor.finalize()


def open_whole(key: bytes, context: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The plain text of a whole sealed object, in pieces, each authentic.

    `Tampered` at the piece that isn't, and at the end if the object was cut off: whoever has to have all or nothing
    waits for the end.
    """
    decryptor = Cobblestone256Decryptor(key, context)
    source = _cut(pieces)
    try:
        for piece in _without_version(source):
            if done := decryptor.update(piece):
                yield done
        if done := decryptor.finalize():
            yield done
    except InvalidTag:
        raise Tampered from None


class _Derived(NamedTuple):
    key: bytes
    nonce: int
    commitment: bytes


class PartReader:
    """Reads any part of one sealed object. Made from its first `HEADER` bytes and its length, which it judges."""

    __slots__ = ("_cipher", "_nonce", "size")

    def __init__(self, key: bytes, context: bytes, header: bytes, sealed: int) -> None:
        self.size = plain_size(sealed)
        """How many plain bytes the object claims to have; true once the last chunk was opened."""
        if len(header) != HEADER or header[0] != VERSION:
            raise Tampered
        derived = _derive(key, header[1:25], context)
        if not hmac.compare_digest(derived.commitment, header[25:]):
            raise Tampered
        self._cipher, self._nonce = AESGCM(derived.key), derived.nonce

    def window(self, start: int, stop: int) -> tuple[int, int]:
        """The range of sealed bytes that holds the plain bytes from `start` up to `stop`: whole chunks."""
        if not 0 <= start <= stop <= self.size:
            raise ValueError("a part lies within its object")
        first, last = start // CHUNK, self._last_chunk(start, stop)
        end = min((last + 1) * CHUNK, self.size)
        return HEADER + first * _SEALED_CHUNK, HEADER + end + (last + 1) * _TAG

    def open(self, start: int, stop: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The plain bytes from `start` up to `stop`, in pieces; `pieces` are the sealed bytes of `window`.

        Where `stop` is the object's end this checks the end, too: then the last chunk is among those opened.
        """
        number, last = start // CHUNK, self._last_chunk(start, stop)
        for sealed in _chunks(pieces, last - number + 1):
            offset, plain = number * CHUNK, self._open_chunk(number, sealed)
            if offset + len(plain) != min(offset + CHUNK, self.size):
                raise Tampered
            if part := plain[max(start - offset, 0) : max(stop - offset, 0)]:
                yield part
            number += 1
        if number != last + 1:
            raise Tampered

    def _last_chunk(self, start: int, stop: int) -> int:
        """The number of the last chunk to open: the object's end lies in its last chunk, even in an empty one."""
        return stop // CHUNK if stop == self.size else max(stop - 1, start) // CHUNK

    def _open_chunk(self, number: int, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt((self._nonce ^ number).to_bytes(12, "big"), sealed, None)
        except (InvalidTag, ValueError):
            raise Tampered from None

    def __repr__(self) -> str:
        return "<PartReader>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never copied or pickled")


def _derive(key: bytes, salt: bytes, context: bytes) -> _Derived:
    material = HKDFExpand(SHA512(), 76, _INFO + salt + context).derive(key)
    return _Derived(material[:32], int.from_bytes(material[32:44], "big"), material[44:])


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    """The same bytes in pieces that are never large."""
    for piece in pieces:
        if len(piece) <= _PIECE:
            yield piece
        else:
            view = memoryview(piece)
            for at in range(0, len(view), _PIECE):
                yield view[at : at + _PIECE]


def _without_version(pieces: Iterator[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    first = next((piece for piece in pieces if piece), b"")
    if not first or first[0] != VERSION:
        raise Tampered
    yield first[1:]
    yield from pieces


def _chunks(pieces: Iterable[bytes], number: int) -> Iterator[bytes]:
    """So many sealed chunks, of which the last may be short; `Tampered` if there is more."""
    held = bytearray()
    for piece in _cut(pieces):
        held += piece
        while number > 1 and len(held) >= _SEALED_CHUNK:
            yield bytes(held[:_SEALED_CHUNK])
            del held[:_SEALED_CHUNK]
            number -= 1
        if number == 1 and len(held) > _SEALED_CHUNK:
            raise Tampered
    if held:
        yield bytes(held)
