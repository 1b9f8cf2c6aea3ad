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
from dataclasses import dataclass
from uuid import UUID

from safehold.kernel.errors import Tampered

__all__ = ["KINDS", "Ticket", "hmac_pads", "read", "sign"]

KINDS = {"tenant": "T", "account": "A", "sign-in": "S", "platform": "P"}
"""The letter of each kind of scope."""

_BLOCK = 64  # SHA-256's block, which HMAC fills the key up to (RFC 2104).
_NOBODY = UUID(int=0)
_BODY = re.compile(
    r"([0-9])([TASP])([0-9a-f]{32})([0-9a-f]{32})([0-9]{10})([0-9]{10})([a-z]*):\{((?:[0-9]+(?:,[0-9]+)*)?)\}"
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says. `begin_by` is in seconds since 1970, UTC."""

    kind: str
    tenant: UUID | None
    account: UUID | None
    backend: int
    begin_by: int
    role: str = ""
    departments: tuple[int, ...] = ()


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """HMAC's inner and outer key block (RFC 2104), so that a plain SHA-256 can compute the MAC."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    block = key.ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def sign(ticket: Ticket, key: bytes, *, number: int = 1) -> str:
    """The ticket as a string, signed with `key`, which the database knows by `number` (one digit)."""
    body = (
        f"{number}{KINDS[ticket.kind]}{(ticket.tenant or _NOBODY).hex}{(ticket.account or _NOBODY).hex}"
        f"{ticket.backend:010d}{ticket.begin_by:010d}{ticket.role}:"
        f"{{{','.join(str(department) for department in ticket.departments)}}}"
    )
    if not _BODY.fullmatch(body):
        raise ValueError("a ticket can't be written from these values")
    return _mac(body, key) + body


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
