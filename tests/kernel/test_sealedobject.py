"""The sealed object: its vectors, a second implementation, random parts, and every change refused."""

from __future__ import annotations

import hashlib
import itertools
import json
import pickle
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, strategies as st

from safehold.kernel import sealedobject
from safehold.kernel.errors import Tampered
from safehold.kernel.sealedobject import CHUNK, HEADER, PartReader, context_of, open_whole, seal

VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "sealed-object"
VALID = json.loads((VECTORS / "valid.json").read_text())
INVALID = json.loads((VECTORS / "invalid.json").read_text())
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5]
KEY, TENANT, OBJECT = bytes(range(32)), UUID(int=1), UUID(int=2)
CONTEXT = context_of("test", TENANT, OBJECT)


def plain(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def seal_with_chosen_salt(key: bytes, salt: bytes, context: bytes, plaintext: bytes) -> bytes:
    """The spec, written down a second time."""
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    okm = HKDFExpand(hashes.SHA512(), 32 + 12 + 32, info).derive(key)
    nonce = int.from_bytes(okm[32:44], "big")
    chunks = [plaintext[at : at + CHUNK] for at in range(0, len(plaintext) + 1, CHUNK)]
    sealed = [AESGCM(okm[:32]).encrypt((nonce ^ k).to_bytes(12, "big"), chunk, b"") for k, chunk in enumerate(chunks)]
    return b"\x01" + salt + okm[44:] + b"".join(sealed)


def sealed_vector(case: dict[str, Any]) -> bytes:
    context = context_of(case["environment"], UUID(case["tenant"]), UUID(case["object"]))
    assert context.hex() == case["context"]
    key, salt = bytes.fromhex(case["key"]), bytes.fromhex(case["salt"])
    return seal_with_chosen_salt(key, salt, context, plain(case["size"]))


def part(key: bytes, context: bytes, sealed: bytes, start: int, stop: int) -> bytes:
    reader = PartReader(key, context, sealed[:HEADER], len(sealed))
    first, end = reader.window(start, stop)
    return b"".join(reader.open(start, stop, [sealed[first:end]]))


def sealed_of(size: int, context: bytes = CONTEXT) -> bytes:
    return b"".join(seal(KEY, context, [plain(size)]))


def refused_every_way(key: bytes, context: bytes, sealed: bytes) -> None:
    with pytest.raises(Tampered) as refusal:
        b"".join(open_whole(key, context, [sealed]))
    assert str(refusal.value) == "Sealed data did not open."
    with pytest.raises(Tampered):
        part(key, context, sealed, 0, sealedobject.plain_size(len(sealed)))


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["name"])
def test_valid_vectors_open_and_seal_to_the_same_bytes(case: dict[str, Any]):
    sealed, plaintext = sealed_vector(case), plain(case["size"])
    assert len(sealed) == case["sealed_size"] == sealedobject.sealed_size(case["size"])
    assert hashlib.sha256(sealed).hexdigest() == case["sealed_sha256"]
    assert case.get("sealed", sealed.hex()) == sealed.hex()
    key, context = bytes.fromhex(case["key"]), bytes.fromhex(case["context"])
    assert b"".join(open_whole(key, context, [sealed])) == plaintext
    assert part(key, context, sealed, 0, len(plaintext)) == plaintext


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case["name"])
def test_invalid_vectors_are_refused(case: dict[str, Any]):
    of = next(valid for valid in VALID if valid["name"] == case["of"])
    whole = sealed_vector(of)
    sealed = bytearray(b"".join(whole[start:stop] for start, stop in case["parts"]))
    if "flip" in case:
        sealed[case["flip"]] ^= 1
    asked = {name: case.get(name, of[name]) for name in ("key", "environment", "tenant", "object")}
    context = context_of(asked["environment"], UUID(asked["tenant"]), UUID(asked["object"]))
    refused_every_way(bytes.fromhex(asked["key"]), context, bytes(sealed))


@pytest.mark.parametrize("size", SIZES)
def test_two_implementations_agree_on_every_length(size: int):
    sealed = sealed_of(size)
    assert len(sealed) == sealedobject.sealed_size(size)
    assert sealedobject.plain_size(len(sealed)) == size
    assert sealed == seal_with_chosen_salt(KEY, sealed[1:25], CONTEXT, plain(size))


@pytest.mark.parametrize("size", SIZES)
def test_every_cut_is_refused(size: int):
    sealed = sealed_of(size)
    cuts = {
        0,
        1,
        24,
        56,
        57,
        72,
        len(sealed) - 1,
        len(sealed) - 16,
        len(sealed) - 17,
        HEADER + CHUNK,
        HEADER + CHUNK + 16,
    }
    for cut in sorted(cut for cut in cuts if 0 <= cut < len(sealed)):
        refused_every_way(KEY, CONTEXT, sealed[:cut])
    refused_every_way(KEY, CONTEXT, sealed + b"\0")


@given(st.integers(0, 3 * CHUNK), st.data())
def test_any_part_is_the_same_part_of_the_plain_text(size: int, data: st.DataObject):
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    assert part(KEY, CONTEXT, sealed_of(size), start, stop) == plain(size)[start:stop]


@given(st.integers(0, 2 * CHUNK + 9), st.data())
def test_any_changed_bit_is_refused(size: int, data: st.DataObject):
    sealed = bytearray(sealed_of(size))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    refused_every_way(KEY, CONTEXT, bytes(sealed))


@given(st.lists(st.integers(0, 2 * CHUNK), max_size=6))
def test_how_the_stream_is_cut_changes_nothing(sizes: list[int]):
    source = plain(sum(sizes))
    edges = [0, *itertools.accumulate(sizes)]
    pieces = [source[start:stop] for start, stop in itertools.pairwise(edges)]
    sealed = b"".join(seal(KEY, CONTEXT, pieces))
    again = [sealed[at : at + 7000] for at in range(0, len(sealed), 7000)]
    assert b"".join(open_whole(KEY, CONTEXT, again)) == source


@pytest.mark.parametrize("change", ["environment", "tenant", "object", "key", "salt"])
def test_another_place_or_key_is_refused(change: str):
    sealed = bytearray(sealed_of(CHUNK + 1))
    context = context_of(
        "staging" if change == "environment" else "test",
        UUID(int=9) if change == "tenant" else TENANT,
        UUID(int=9) if change == "object" else OBJECT,
    )
    if change == "salt":
        sealed[1:25] = bytes(24)
    refused_every_way(bytes(32) if change == "key" else KEY, context, bytes(sealed))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:], ids=str)
def test_chunks_in_another_order_are_refused(order: tuple[int, ...]):
    sealed = sealed_of(3 * CHUNK)
    chunks = [sealed[HEADER + k * (CHUNK + 16) : HEADER + (k + 1) * (CHUNK + 16)] for k in range(3)]
    mixed = sealed[:HEADER] + b"".join(chunks[k] for k in order) + sealed[HEADER + 3 * (CHUNK + 16) :]
    refused_every_way(KEY, CONTEXT, mixed)


def test_nothing_false_leaves_before_the_refusal():
    size = 5 << 20
    sealed = bytearray(sealed_of(size))
    sealed[3 << 20] ^= 1
    pieces = [bytes(sealed[at : at + 100_000]) for at in range(0, len(sealed), 100_000)]
    for stream in (
        open_whole(KEY, CONTEXT, pieces),
        PartReader(KEY, CONTEXT, bytes(sealed[:HEADER]), len(sealed)).open(0, size, [bytes(sealed[HEADER:])]),
    ):
        given_out = bytearray()
        with pytest.raises(Tampered):
            for piece in stream:
                given_out += piece
        assert given_out == plain(size)[: len(given_out)]
        assert len(given_out) <= 3 << 20


def test_a_reader_given_less_or_more_than_its_window_refuses():
    sealed = sealed_of(4 * CHUNK)
    reader = PartReader(KEY, CONTEXT, sealed[:HEADER], len(sealed))
    start, stop = reader.window(CHUNK, 3 * CHUNK)
    for given_bytes in (b"", sealed[start : stop - 1], sealed[start : stop + 1], sealed[start : start + CHUNK + 16]):
        with pytest.raises(Tampered):
            b"".join(reader.open(CHUNK, 3 * CHUNK, [given_bytes]))


def test_a_length_that_was_lied_about_is_found_at_the_end():
    sealed = sealed_of(2 * CHUNK + 100)
    reader = PartReader(KEY, CONTEXT, sealed[:HEADER], len(sealed) - 50)
    assert b"".join(reader.open(0, 5, [sealed[HEADER : HEADER + CHUNK + 16]])) == plain(5)
    start, stop = reader.window(2 * CHUNK, reader.size)
    with pytest.raises(Tampered):
        b"".join(reader.open(2 * CHUNK, reader.size, [sealed[start:stop]]))


def test_a_part_outside_is_the_callers_mistake():
    sealed = sealed_of(10)
    reader = PartReader(KEY, CONTEXT, sealed[:HEADER], len(sealed))
    for start, stop in ((-1, 1), (2, 1), (0, 11)):
        with pytest.raises(ValueError):
            reader.window(start, stop)


def test_two_sealings_of_the_same_bytes_differ():
    assert sealed_of(100)[1:] != sealed_of(100)[1:]


def test_a_reader_shows_and_copies_no_key():
    sealed = sealed_of(10)
    reader = PartReader(KEY, CONTEXT, sealed[:HEADER], len(sealed))
    assert repr(reader) == "<PartReader>"
    with pytest.raises(TypeError):
        pickle.dumps(reader)
