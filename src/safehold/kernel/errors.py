"""The error tree. One place at each face renders it: problem+json, a page, or a line on a terminal.

SafeholdError
├── NotSignedIn      401  who are you
├── Denied           403  you may not
├── NotFound         404  absent, or another tenant's: nobody can tell which
├── Conflict         409  the state moved under you
├── Invalid          422  what was given can't be taken; `problems` name the places
├── TooMany          429  slow down
├── Unavailable      503  something it needs is away; nothing was lost
└── Tampered         500  sealed or signed data does not open; all failures look alike
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "Conflict",
    "Denied",
    "Invalid",
    "NotFound",
    "NotSignedIn",
    "Problem",
    "SafeholdError",
    "Tampered",
    "TooMany",
    "Unavailable",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    `place` is where ("row 12, column birthDate", or a form field's name), `found` what was there (shortened,
    never a secret), `expected` what should have been.
    """

    place: str
    expected: str
    found: str = ""

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        return f"{self.place}: expected {self.expected}{found}"


class SafeholdError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str | None = None, *, hint: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.hint = hint
        super().__init__(self.message)


class NotSignedIn(SafeholdError):
    """Sign in first."""

    code = "not-signed-in"
    status = 401


class Denied(SafeholdError):
    """Your role does not allow this."""

    code = "denied"
    status = 403

    def __init__(self, message: str | None = None, *, permission: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.permission = permission


class NotFound(SafeholdError):
    """There is nothing here by that name."""

    code = "not-found"
    status = 404


class Conflict(SafeholdError):
    """Someone changed this in the meantime."""

    code = "conflict"
    status = 409


class Invalid(SafeholdError):
    """What was given can't be taken as it is."""

    code = "invalid"
    status = 422

    def __init__(self, message: str | None = None, *, problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class TooMany(SafeholdError):
    """Too many tries. Wait a little, then try again."""

    code = "too-many"
    status = 429


class Unavailable(SafeholdError):
    """Something this needs can't be reached just now. Nothing was changed."""

    code = "unavailable"
    status = 503


class Tampered(SafeholdError):
    """Sealed data did not open."""

    code = "tampered"
    status = 500
