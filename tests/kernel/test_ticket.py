"""The scope ticket: what is signed is read, and nothing else is."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from safehold.kernel.errors import Tampered
from safehold.kernel.ticket import KINDS, Ticket, hmac_pads, read, sign

KEY = bytes(range(32))
VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "scope-ticket"

ids = st.one_of(st.none(), st.uuids().filter(lambda value: value.int != 0))
tickets = st.builds(
    Ticket,
    kind=st.sampled_from(sorted(KINDS)),
    tenant=ids,
    account=ids,
    backend=st.integers(0, 2**31 - 1),
    begin_by=st.integers(0, 9_999_999_999),
    role=st.sampled_from(["", "owner", "hr"]),
    departments=st.lists(st.integers(0, 2**31 - 1), max_size=5).map(tuple),
)


@given(tickets)
def test_what_is_signed_is_read(ticket: Ticket):
    assert read(sign(ticket, KEY), KEY) == ticket


@given(tickets, st.data())
def test_a_changed_character_is_refused(ticket: Ticket, data: st.DataObject):
    text = sign(ticket, KEY)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda char: char != text[place]))
    with pytest.raises(Tampered):
        read(text[:place] + other + text[place + 1 :], KEY)


@given(st.text())
def test_any_other_text_is_refused(text: str):
    with pytest.raises(Tampered):
        read(text, KEY)


def test_another_key_is_refused():
    with pytest.raises(Tampered):
        read(sign(Ticket("platform", None, None, 1, 1), KEY), KEY[::-1])


def test_the_form_that_the_database_takes_apart():
    tenant, account = UUID(int=0xA), UUID(int=0xB)
    ticket = Ticket("tenant", tenant, account, 4711, 1_800_000_000, "hr", (0, 12))
    body = f"1T{tenant.hex}{account.hex}0000004711{1_800_000_000}hr:{{0,12}}"
    assert sign(ticket, KEY) == hmac.new(KEY, body.encode(), "sha256").hexdigest() + body
    assert sign(ticket, KEY)[130:140] == "0000004711"  # the database counts from 1: 131


@pytest.mark.parametrize("key", [b"", b"short", bytes(64), bytes(range(65)), bytes(200)])
def test_the_pads_make_an_hmac_of_plain_hashes(key: bytes):
    inner, outer = hmac_pads(key)
    mac = hashlib.sha256(outer + hashlib.sha256(inner + b"text").digest()).digest()
    assert mac == hmac.digest(key, b"text", "sha256")


@pytest.mark.parametrize(
    "ticket",
    [
        Ticket("tenant", None, None, -1, 1),
        Ticket("tenant", None, None, 10**10, 1),
        Ticket("tenant", None, None, 1, 10**10),
        Ticket("tenant", None, None, 1, 1, role="o'; drop"),
        Ticket("tenant", None, None, 1, 1, departments=(-1,)),
    ],
)
def test_what_does_not_fit_is_not_signed(ticket: Ticket):
    with pytest.raises(ValueError, match="can't be written"):
        sign(ticket, KEY)


@pytest.mark.parametrize("case", json.loads((VECTORS / "valid.json").read_text()), ids=lambda case: case["what"])
def test_valid_vectors(case):
    ticket = Ticket(
        kind=case["kind"],
        tenant=UUID(case["tenant"]) if case["tenant"] else None,
        account=UUID(case["account"]) if case["account"] else None,
        backend=case["backend"],
        begin_by=case["begin_by"],
        role=case["role"],
        departments=tuple(case["departments"]),
    )
    key = bytes.fromhex(case["key"])
    assert sign(ticket, key) == case["ticket"]
    assert read(case["ticket"], key) == ticket


@pytest.mark.parametrize("case", json.loads((VECTORS / "invalid.json").read_text()), ids=lambda case: case["what"])
def test_invalid_vectors(case):
    with pytest.raises(Tampered):
        read(case["ticket"], bytes.fromhex(case["key"]))
