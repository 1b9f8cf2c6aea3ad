"""The scope ticket: one signed string that says who acts, where and until when; the database checks the signature.

    ticket := mac body
    mac    := HMAC-SHA256(key, body) as 64 lower-case hex digits
    body   := key-number kind tenant account backend begin-by role ":" departments

`key-number` is one digit (which key signed), `kind` one letter, `tenant` and `account` 32 hex digits (all zero where
there is none), `backend` ten digits (the process id of the database backend that the ticket is for), `begin-by` ten
digits (seconds since 1970, UTC: a transaction that began later doesn't take the ticket), `role` letters or nothing, and
`departments` a PostgreSQL array of numbers, as in `{0,3}`. Everything before `role` has a fixed width, so that the
database takes it apart by position; `specs/scope-ticket.md` has the vectors.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NamedTuple
from uuid import UUID

from safehold.kernel.errors import Tampered

__all__ = ["KINDS", "Signer", "Ticket", "hmac_pads", "read", "sign"]

KINDS = {"tenant": "T", "account": "A", "sign-in": "S", "platform": "P", "staff": "F", "guest": "G"}
"""The letter of each kind of scope."""

_BLOCK = 64  # SHA-256's block, which HMAC fills the key up to (RFC 2104).
_NOBODY = UUID(int=0)
_MOST = 9_999_999_999  # what ten digits hold
_BODY = re.compile(
    r"([0-9])([TASPFG])([0-9a-f]{32})([0-9a-f]{32})([0-9]{10})([0-9]{10})([a-z]*):\{((?:[0-9]+(?:,[0-9]+)*)?)\}"
)


class Ticket(NamedTuple):
    """What a ticket says. `begin_by` is in seconds since 1970, UTC."""

    kind: str
    tenant: UUID | None
    account: UUID | None
    backend: int
    begin_by: int
    role: str = ""
    departments: tuple[int, ...] = ()


class Signer:
    """Signs tickets with one key, which the database knows by `number` (one digit).

    A ticket is signed for each transaction, so the part of the HMAC that depends on the key alone is computed once.
    """

    def __init__(self, key: bytes, *, number: int = 1) -> None:
        inner, outer = hmac_pads(key)
        self._inner, self._outer, self._number = hashlib.sha256(inner), hashlib.sha256(outer), number

    def sign(self, ticket: Ticket) -> str:
        """The ticket as a string. Raises ValueError for what its form can't hold."""
        kind, tenant, account, backend, begin_by, role, departments = ticket
        fits = 0 <= backend <= _MOST and 0 <= begin_by <= _MOST and (not departments or min(departments) >= 0)
        if not fits or (role and not (role.isascii() and role.isalpha() and role.islower())):
            raise ValueError("a ticket can't be written from these values")
        body = (
            f"{self._number:d}{KINDS[kind]}{(tenant or _NOBODY).hex}{(account or _NOBODY).hex}"
            f"{backend:010d}{begin_by:010d}{role}:{{{','.join(map(str, departments))}}}"
        )
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(body.encode())
        outer.update(inner.digest())
        return outer.hexdigest() + body


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """HMAC's inner and outer key block (RFC 2104), so that a plain SHA-256 can compute the MAC."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    block = key.ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def sign(ticket: Ticket, key: bytes, *, number: int = 1) -> str:
    """The ticket as a string, signed with `key`."""
    return Signer(key, number=number).sign(ticket)


def read(text: str, key: bytes) -> Ticket:
    """The ticket that `text` holds. Raises `Tampered` unless `key` signed exactly this; says nothing about why."""
    mac, body = text[:64], text[64:]
    form = _BODY.fullmatch(body)
    if not (form and hmac.compare_digest(mac.encode(), _mac(body, key).encode())):
        raise Tampered("This is not a scope ticket of this installation.")
    _, kind, tenant, account, backend, begin_by, role, departments = form.groups()
    return Ticket(
        kind=next(name for name, letter in KINDS.items() if letter == kind),
        tenant=_somebody(tenant),
        account=_somebody(account),
        backend=int(backend),
        begin_by=int(begin_by),
        role=role,
        departments=tuple(int(number) for number in departments.split(",") if number),
    )


def _somebody(digits: str) -> UUID | None:
    found = UUID(hex=digits)
    return None if found == _NOBODY else found


def _mac(body: str, key: bytes) -> str:
    return hmac.digest(key, body.encode(), "sha256").hex()
