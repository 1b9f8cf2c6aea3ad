"""`safehold bench keys`: sealing fields against bare AES-256-GCM of the same library, measured in the same run."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import perf_counter
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safehold.foundation.keys import sealing
from safehold.kernel import blindindex
from safehold.kernel.ids import PLATFORM
from safehold.kernel.mackey import MacKey
from safehold.kernel.sealedfield import Place, associated_data

__all__ = ["BENCHES", "run"]

_BATCH = 500
_ROUNDS = 5
_VALUE = b"Nancy Davolio, 507 20th Ave. E. Apt. 2A, Seattle, WA 98122, USA"


def run() -> list[dict[str, object]]:
    """Values a second, the best of a few rounds; the ratio is ours to the baseline's."""
    values = [(Place(PLATFORM, "bench", "value", number), _VALUE) for number in range(_BATCH)]
    sealed = [(place, one) for (place, _), one in zip(values, sealing.seal_many(values), strict=True)]
    bare, bound = AESGCM(os.urandom(32)), associated_data(values[0][0], UUID(int=1))
    nonces = [os.urandom(12) for _ in values]
    made = [bare.encrypt(nonce, _VALUE, bound) for nonce in nonces]

    def seal_bare() -> None:
        for _ in values:
            bare.encrypt(os.urandom(12), _VALUE, bound)

    def open_bare() -> None:
        for nonce, one in zip(nonces, made, strict=True):
            bare.decrypt(nonce, one, bound)

    def seal_each() -> None:
        for place, value in values:
            sealing.seal(place, value)

    def open_each() -> None:
        for place, value in sealed:
            sealing.open_sealed(place, value)

    return [
        _measure(
            "sealing fields, many at once, against bare AES-256-GCM", lambda: sealing.seal_many(values), seal_bare
        ),
        _measure(
            "opening fields, many at once, against bare AES-256-GCM", lambda: sealing.open_many(sealed), open_bare
        ),
        _measure("sealing fields one by one, against bare AES-256-GCM", seal_each, seal_bare),
        _measure("opening fields one by one, against bare AES-256-GCM", open_each, open_bare),
        _measure("search tokens of whole values, against bare HMAC-SHA256", *_tokens()),
    ]


def _tokens() -> tuple[Callable[[], object], Callable[[], object]]:
    raw = os.urandom(32)
    key = blindindex.field_key(MacKey(raw), uuid4(), uuid4())
    bare = MacKey(raw)

    def ours() -> None:
        for _ in range(_BATCH):
            blindindex.token(key, blindindex.Kind.TEXT, "Nancy Davolio")

    def baseline() -> None:
        for _ in range(_BATCH):
            bare.digest(b"nancy davolio")

    return ours, baseline


def _measure(what: str, ours: Callable[[], object], baseline: Callable[[], object]) -> dict[str, object]:
    """Both in turns, so that a busy moment of the machine meets both."""
    times = [(_seconds(ours), _seconds(baseline)) for _ in range(_ROUNDS)]
    our_rate, base_rate = (_BATCH / min(column) for column in zip(*times, strict=True))
    return {"what": what, "ours": our_rate, "baseline": base_rate, "ratio": our_rate / base_rate, "unit": "values/s"}


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


BENCHES = {"keys": run}
