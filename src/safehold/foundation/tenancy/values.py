"""What names, slugs and addresses may look like. Each function returns the clean value or adds a problem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from safehold.foundation.access.matrix import Role
from safehold.foundation.access.plans import Plan
from safehold.kernel.errors import Invalid, Problem

__all__ = ["Values"]

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?")
# Addresses that mean something else to people or to the product.
_RESERVED = frozenset(
    """account accounts admin administrator api app auth billing canary help internal legal login logout mail me new
    null none platform root safehold security self settings staff static status support system tenant tenants trust
    undefined www""".split()  # noqa: SIM905  (a list of words reads best as words)
)
# Control, unassigned, private and surrogate characters, and the marks that turn the direction of text around.
_UNFIT = frozenset({"Cc", "Cn", "Co", "Cs"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Values:
    """Collects the problems of one form or command, so that all are told at once."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def check(self, message: str) -> None:
        """Raise `Invalid` with everything found so far, if anything was."""
        if self._problems:
            raise Invalid(message, problems=tuple(self._problems))

    def refuse(self, place: str, expected: str, found: object = "") -> None:
        """Add a problem."""
        self._problems.append(Problem(place, expected, _shown(str(found))))

    def name(self, place: str, value: str, *, longest: int = 100) -> str:
        """A name for people to read: one line of visible text."""
        clean = " ".join(unicodedata.normalize("NFC", value).split())
        if any(unicodedata.category(char) in _UNFIT or char in _TURNING for char in value.strip("\r\n\t ")):
            self.refuse(place, "text without control characters", value)
        elif not any(unicodedata.category(char)[0] in "LN" for char in clean) or len(clean) > longest:
            self.refuse(place, f"1 to {longest} characters with at least one letter or digit", value)
        return clean

    def slug(self, place: str, value: str, *, canary: bool = False) -> str:
        """The part of an address that names a tenant."""
        if not 3 <= len(value) <= 40 or not _SLUG.fullmatch(value):
            expected = "3 to 40 small letters a-z, digits and single hyphens, beginning with a letter"
            self.refuse(place, expected, value)
        elif value in _RESERVED or (value.startswith("canary-") and not canary):
            self.refuse(place, "a word that isn't reserved", value)
        return value

    def email(self, place: str, value: str) -> str:
        """An e-mail address, in small letters."""
        clean = value.strip().lower()
        try:
            if len(clean) > 254:
                raise ValidationError("too long")  # noqa: TRY301  (one way out for both)
            validate_email(clean)
        except ValidationError:
            self.refuse(place, "an e-mail address", value)
        return clean

    def role(self, place: str, value: str) -> Role:
        """One of the seven roles."""
        try:
            return Role(value)
        except ValueError:
            self.refuse(place, "one of " + ", ".join(Role), value)
            return Role.EMPLOYEE

    def plan(self, place: str, value: str) -> str:
        """One of the plans."""
        if value not in list(Plan):
            self.refuse(place, "one of " + ", ".join(list(Plan)), value)
        return value

    def language(self, place: str, value: str) -> str:
        """A language code."""
        if not _LANGUAGE.fullmatch(value):
            self.refuse(place, "a language code such as en-gb", value)
        return value

    def departments(self, place: str, values: Iterable[int], known: Iterable[int]) -> list[int]:
        """Numbers of departments that exist; none stands for all."""
        wanted, existing = sorted(set(values)), set(known)
        for number in wanted:
            if number not in existing:
                self.refuse(place, "the number of a department", number)
        return wanted


def _shown(text: str) -> str:
    """What was found, fit for a message: printable and short."""
    shown = "".join(
        char if char.isprintable() and char not in _TURNING else "\N{REPLACEMENT CHARACTER}" for char in text
    )
    return shown if len(shown) <= 60 else shown[:57] + "…"
