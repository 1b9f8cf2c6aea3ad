"""The sealed field: its vectors, and that no part of its place can be swapped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, strategies as st

from safehold.kernel import sealedfield
from safehold.kernel.errors import Tampered
from safehold.kernel.sealedfield import Place
from safehold.kernel.xaes import XaesKey

VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "sealed-field"
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
ROWS = st.uuids() | NAMES | st.integers(0, 1 << 63)
PLACES = st.builds(Place, st.uuids(), NAMES, NAMES, ROWS)


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in json.loads((VECTORS / f"{name}.json").read_text())]


def place_of(case: dict[str, str]) -> Place:
    return Place(UUID(case["tenant"]), case["table"], case["column"], case["row"])


@pytest.mark.parametrize("case", cases("valid"))
def test_valid_vectors_open_and_seal_to_the_same_bytes(case: dict[str, str]):
    key, key_id, place = XaesKey(bytes.fromhex(case["key"])), UUID(case["key_id"]), place_of(case)
    sealed, plaintext = bytes.fromhex(case["sealed"]), bytes.fromhex(case["plaintext"])
    associated_data = sealedfield.associated_data(place, key_id)
    assert associated_data.hex() == case["associated_data"]
    assert sealedfield.key_id_of(sealed) == key_id
    assert sealedfield.open_many(key, key_id, [(place, sealed)]) == [plaintext]
    body = key.seal_with_chosen_nonce(bytes.fromhex(case["nonce"]), plaintext, associated_data)
    assert bytes((sealedfield.VERSION,)) + key_id.bytes + body == sealed


@pytest.mark.parametrize("case", cases("invalid"))
def test_invalid_vectors_are_refused(case: dict[str, str]):
    key, key_id = XaesKey(bytes.fromhex(case["key"])), UUID(case["key_id"])
    with pytest.raises(Tampered) as refusal:
        sealedfield.open_many(key, key_id, [(place_of(case), bytes.fromhex(case["sealed"]))])
    assert str(refusal.value) == "Sealed data did not open."


@given(PLACES, st.binary(max_size=200), st.uuids())
def test_what_is_sealed_opens_in_its_place(place: Place, plaintext: bytes, key_id: UUID):
    key = XaesKey(bytes(32))
    (sealed,) = sealedfield.seal_many(key, key_id, [(place, plaintext)])
    assert len(sealed) == len(plaintext) + sealedfield.OVERHEAD
    assert sealedfield.key_id_of(sealed) == key_id
    assert sealedfield.open_many(key, key_id, [(place, sealed)]) == [plaintext]
    assert sealedfield.open_many(key, key_id, [(place, memoryview(sealed))]) == [plaintext]


@given(PLACES, PLACES, st.uuids(), st.uuids(), st.integers(1, 31))
def test_any_swap_is_refused(here: Place, there: Place, key_id: UUID, other_id: UUID, which: int):
    parts = [there[n] if which & 1 << n else here[n] for n in range(4)]
    moved, moved_id = Place(*parts), other_id if which & 16 else key_id
    assume((moved[:3], str(moved.row), moved_id) != (here[:3], str(here.row), key_id))
    key = XaesKey(bytes(32))
    (sealed,) = sealedfield.seal_many(key, key_id, [(here, b"value")])
    relabelled = sealed[:1] + moved_id.bytes + sealed[17:]
    with pytest.raises(Tampered):
        sealedfield.open_many(key, moved_id, [(moved, relabelled)])


@given(PLACES, PLACES, st.uuids())
def test_different_places_are_bound_differently(here: Place, there: Place, key_id: UUID):
    same = here[:3] == there[:3] and str(here.row) == str(there.row)
    bound = {sealedfield.associated_data(place, key_id) for place in (here, there)}
    assert len(bound) == (1 if same else 2)


@given(st.data())
def test_any_flipped_bit_is_refused(data: st.DataObject):
    key, key_id, place = XaesKey(bytes(32)), UUID(int=7), Place(UUID(int=1), "t", "c", 1)
    sealed = bytearray(sealedfield.seal_many(key, key_id, [(place, b"value")])[0])
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises(Tampered):
        sealedfield.open_many(key, key_id, [(place, bytes(sealed))])


@pytest.mark.parametrize(("table", "column", "row"), [("", "c", 1), ("t", "", 1), ("t", "c", "")])
def test_a_place_without_a_name_is_a_fault(table: str, column: str, row: str | int):
    with pytest.raises(ValueError, match="names a table"):
        sealedfield.associated_data(Place(UUID(int=1), table, column, row), UUID(int=2))


def test_row_zero_is_a_row():
    assert sealedfield.associated_data(Place(UUID(int=1), "t", "c", 0), UUID(int=2))
