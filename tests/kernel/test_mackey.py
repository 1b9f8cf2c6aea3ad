"""HMAC keys: the same digests as the standard library's, and nothing to see."""

from __future__ import annotations

import copy
import hmac
import pickle

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, strategies as st

from safehold.kernel.errors import Tampered
from safehold.kernel.framing import frame
from safehold.kernel.mackey import MacKey, stretch

KEYS = st.binary(min_size=16, max_size=64)


@given(KEYS, st.binary(max_size=200))
def test_digests_are_hmac_sha256(key: bytes, message: bytes):
    digest = MacKey(key).digest(message)
    assert digest == hmac.digest(key, message, "sha256")
    MacKey(bytearray(key)).verify(message, digest)
    with pytest.raises(Tampered):
        MacKey(key).verify(message + b"!", digest)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=20), st.lists(st.binary(max_size=20), max_size=3))
def test_derived_keys_are_hkdf_expand(key: bytes, label: bytes, context: list[bytes]):
    expected = HKDFExpand(SHA256(), 32, frame(label, *context)).derive(key)
    assert MacKey(key).derive(label, *context) == expected


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_frames_of_different_parts_differ(one: list[bytes], other: list[bytes]):
    assert (frame(*one) == frame(*other)) == (one == other)


@pytest.mark.parametrize("size", [0, 15, 65])
def test_keys_of_another_length_are_refused(size: int):
    with pytest.raises(ValueError, match="16 to 64 bytes"):
        MacKey(bytes(size))


def test_a_key_shows_nothing_and_cannot_be_copied():
    key = MacKey(b"0123456789abcdef")
    assert repr(key) == "<MacKey>"
    for copier in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="never copied"):
            copier(key)


def test_passphrases_are_stretched_with_scrypt():
    made = stretch(b"a long enough passphrase", b"salt of 16 bytes")
    assert len(made) == 32
    assert made != stretch(b"a long enough passphrase", b"another 16 bytes")
