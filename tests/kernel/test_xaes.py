"""XAES-256-GCM against C2SP's vectors and against AES-CMAC, an implementation with nothing in common with ours."""

from __future__ import annotations

import copy
import hashlib
import pickle
import threading

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, strategies as st

from safehold.kernel import xaes
from safehold.kernel.errors import Tampered
from safehold.kernel.xaes import XaesKey

KEYS = st.binary(min_size=32, max_size=32)
NONCES = st.binary(min_size=24, max_size=24)


@pytest.mark.parametrize(
    ("key", "associated_data", "sealed"),
    [
        (b"\x01" * 32, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (b"\x03" * 32, b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
    ],
    ids=["high bit of L clear", "high bit of L set"],
)
def test_c2sp_vectors(key: bytes, associated_data: bytes, sealed: str):
    nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX"
    made = XaesKey(key).seal_with_chosen_nonce(nonce, b"XAES-256-GCM", associated_data)
    assert made == nonce + bytes.fromhex(sealed)
    assert XaesKey(key).open(made, associated_data) == b"XAES-256-GCM"


def test_c2sp_accumulated_random_vectors():
    stream = hashlib.shake_128(b"").digest(4_000_000)
    assert stream[:16].hex() == "7f9c2ba4e88f827d616045507605853e"
    at = 0

    def take(size: int) -> bytes:
        nonlocal at
        at += size
        return stream[at - size : at]

    accumulated = hashlib.shake_128()
    for _ in range(10_000):
        key, nonce = XaesKey(take(32)), take(24)
        plaintext = take(take(1)[0])
        associated_data = take(take(1)[0])
        made = key.seal_with_chosen_nonce(nonce, plaintext, associated_data)
        accumulated.update(made[24:])
        assert key.open(made, associated_data) == plaintext
    assert accumulated.hexdigest(32) == "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"


@given(KEYS, NONCES, st.binary(max_size=100), st.binary(max_size=100))
def test_it_is_sp_800_108_over_cmac_then_gcm(key: bytes, nonce: bytes, plaintext: bytes, associated_data: bytes):
    def half(counter: int) -> bytes:
        mac = CMAC(algorithms.AES(key))
        mac.update(counter.to_bytes(2, "big") + b"X\0" + nonce[:12])
        return mac.finalize()

    expected = nonce + AESGCM(half(1) + half(2)).encrypt(nonce[12:], plaintext, associated_data)
    assert XaesKey(key).seal_with_chosen_nonce(nonce, plaintext, associated_data) == expected


@given(KEYS, st.lists(st.tuples(st.binary(max_size=60), st.binary(max_size=60)), max_size=5))
def test_many_are_as_one_by_one(key: bytes, messages: list[tuple[bytes, bytes]]):
    opener = XaesKey(key)
    sealed = opener.seal_many(messages)
    assert [len(made) for made in sealed] == [len(plaintext) + xaes.OVERHEAD for plaintext, _ in messages]
    pairs = [(made, associated_data) for made, (_, associated_data) in zip(sealed, messages, strict=True)]
    assert opener.open_many(pairs) == [plaintext for plaintext, _ in messages]
    assert [opener.open(*pair) for pair in pairs] == [plaintext for plaintext, _ in messages]


@given(st.data())
def test_any_change_is_refused_with_the_same_words(data: st.DataObject):
    key, plaintext = XaesKey(bytes(32)), data.draw(st.binary(max_size=40))
    sealed = key.seal(plaintext, b"here")
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    flipped = bytearray(sealed)
    flipped[at // 8] ^= 1 << at % 8
    cut = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    refusals = set()
    for wrong, associated_data in [
        (bytes(flipped), b"here"),
        (cut, b"here"),
        (sealed, b"there"),
        (sealed + b"!", b"here"),
    ]:
        with pytest.raises(Tampered) as refusal:
            key.open(wrong, associated_data)
        assert refusal.value.__cause__ is None
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
        refusals.add(str(refusal.value))
    assert len(refusals) == 1


def test_one_that_does_not_open_refuses_all():
    key = XaesKey(bytes(32))
    with pytest.raises(Tampered):
        key.open_many([(key.seal(b"good", b""), b""), (key.seal(b"bad", b""), b"elsewhere")])


def test_nonces_do_not_repeat():
    key = XaesKey(bytes(32))
    sealed = key.seal_many([(b"", b"")] * 1000) + [key.seal(b"", b"") for _ in range(100)]
    assert len({made[:24] for made in sealed}) == 1100


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_keys_of_another_length_are_refused(size: int):
    with pytest.raises(ValueError, match="32 bytes"):
        XaesKey(bytes(size))


@pytest.mark.parametrize("size", [0, 12, 23, 25])
def test_nonces_of_another_length_are_refused(size: int):
    with pytest.raises(ValueError, match="24 bytes"):
        XaesKey(bytes(32)).seal_with_chosen_nonce(bytes(size), b"", b"")


def test_a_key_shows_nothing_and_cannot_be_copied():
    key = XaesKey(b"0123456789abcdef0123456789abcdef")
    assert repr(key) == str(key) == "<XaesKey>"
    assert not hasattr(key, "__dict__")
    for copier in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="never copied"):
            copier(key)


def test_threads_may_share_a_key():
    key, failures = XaesKey(bytes(32)), []

    def work() -> None:
        try:
            for number in range(300):
                message = str(number).encode()
                assert key.open_many([(key.seal(message, b"x"), b"x")] * 3) == [message] * 3
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
