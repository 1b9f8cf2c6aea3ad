"""`safehold bench objects`: sealing files against bare AES-256-GCM of the same library (OpenSSL's), in the same run.

Measured in processor time of one core, so that what else the machine does counts for neither side.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safehold.foundation.objects.stores import FolderStore, path_of
from safehold.kernel.sealedobject import CHUNK, HEADER, PartReader, context_of, open_whole, seal

__all__ = ["BENCHES", "run"]

_ROUNDS = 5
_PIECES = 64
_PIECE = os.urandom(1 << 20)
_GIB = 1 << 30


def run() -> list[dict[str, object]]:
    """GiB a second of one core, the best of a few rounds; the ratio is ours to the baseline's."""
    key, context = os.urandom(32), context_of("bench", UUID(int=1), UUID(int=2))
    sealed = list(seal(key, context, _source()))
    whole = b"".join(sealed)
    reader = PartReader(key, context, whole[:HEADER], len(whole))
    body = memoryview(whole)[HEADER:]
    parts = [body[at : at + (1 << 20)] for at in range(0, len(body), 1 << 20)]
    encrypt, decrypt = _bare()
    return [
        _measure("sealing a file, against bare AES-256-GCM", lambda: _drain(seal(key, context, _source())), encrypt),
        _measure("opening a file, against bare AES-256-GCM", lambda: _drain(open_whole(key, context, sealed)), decrypt),
        _measure(
            "opening a part of a file, against bare AES-256-GCM",
            lambda: _drain(reader.open(0, reader.size, parts)),  # type: ignore[arg-type]  # buffers, as bytes
            decrypt,
        ),
        _storing(key, context),
    ]


def _storing(key: bytes, context: bytes) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="safehold-bench-") as place:
        store, path = FolderStore(Path(place)), path_of(UUID(int=1), UUID(int=2))
        return _measure(
            "storing a file in a folder, against the same bytes plain",
            lambda: store.put(path, seal(key, context, _source())),
            lambda: store.put(path, _source()),
        )


def _source() -> Iterator[bytes]:
    return (_PIECE for _ in range(_PIECES))


def _drain(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass


def _bare() -> tuple[Callable[[], None], Callable[[], None]]:
    """The same bytes in the same chunks, each with a nonce of its own, and nothing around it."""
    cipher = AESGCM(os.urandom(32))
    nonces = [number.to_bytes(12, "big") for number in range(_PIECES * len(_PIECE) // CHUNK)]
    plain = [_PIECE[at : at + CHUNK] for at in range(0, len(_PIECE), CHUNK)]
    made = [cipher.encrypt(nonce, plain[number % len(plain)], None) for number, nonce in enumerate(nonces)]

    def encrypt() -> None:
        for number, nonce in enumerate(nonces):
            cipher.encrypt(nonce, plain[number % len(plain)], None)

    def decrypt() -> None:
        for nonce, chunk in zip(nonces, made, strict=True):
            cipher.decrypt(nonce, chunk, None)

    return encrypt, decrypt


def _measure(what: str, ours: Callable[[], object], baseline: Callable[[], object]) -> dict[str, object]:
    """Both in turns, so that a busy moment of the machine meets both."""
    times = [(_seconds(ours), _seconds(baseline)) for _ in range(_ROUNDS)]
    our_rate, base_rate = (_PIECES * len(_PIECE) / _GIB / min(column) for column in zip(*times, strict=True))
    return {"what": what, "ours": our_rate, "baseline": base_rate, "ratio": our_rate / base_rate, "unit": "GiB/s"}


def _seconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


BENCHES = {"objects": run}
