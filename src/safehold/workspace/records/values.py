"""Types of field and what a value of each looks like: from what people type to the one form that is stored.

Every stored value is text, so that it is sealed, compared and written out the same everywhere: numbers as decimals with
the digits they came with, dates as 1948-12-08. A field that holds nothing is absent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from safehold.workspace.records.conf import LONGEST_VALUE

__all__ = ["CONTROL", "EXPECTED", "FieldType", "Unfit", "choice_reader", "plain_number", "reader", "same"]


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    EMAIL = "email"
    PHONE = "phone"
    REFERENCE = "reference"


class Unfit(ValueError):
    """A text isn't a value of its type. `expected` says in words what would be."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"expected {expected}")


EXPECTED: Final[dict[FieldType, str]] = {
    FieldType.TEXT: "text",
    FieldType.NUMBER: "a number such as 1234.5, with no spaces or thousands separators",
    FieldType.DATE: "a date such as 1948-12-08, with no time of day",
    FieldType.EMAIL: "an e-mail address such as name@example.org",
    FieldType.PHONE: "a telephone number such as +45 12 34 56 78",
}
"""What a message says about each type. Choices and references name their own."""

CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters no value may hold: they can't be stored, shown or compared safely. Tabs and line breaks are fine."""

_NO_CONTROL = "text without control characters such as NUL"
_TOO_LONG = f"at most {LONGEST_VALUE:,} characters"
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,30})?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
_NO_DIGIT = re.compile("[^0-9]")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0{1,9})?)?(?:Z|\+00(?::?00)?)?)?")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
_PHONE = re.compile(r"[+(0-9][0-9\s()./\-–]{1,40}(?:\s?(?:ext\.?|x|#)\s?[0-9]{1,8})?", re.IGNORECASE)


def _checked(text: str) -> str:
    """`text` if it may be stored at all."""
    if len(text) > LONGEST_VALUE:
        raise Unfit(_TOO_LONG)
    if CONTROL.search(text):
        raise Unfit(_NO_CONTROL)
    return text


def plain_number(text: str) -> str | None:
    """The stored form of a number: no plus, no leading zeros, no exponent; its decimals stay. None if it is none."""
    text = text.strip()
    if _PLAIN_NUMBER.fullmatch(text):
        return text.removeprefix("-") if text[0] == "-" and not text.strip("-0.") else text
    if not _NUMBER.fullmatch(text):
        return None
    written = format(Decimal(text), "f")
    return written if _PLAIN_NUMBER.fullmatch(written) and not written.startswith("-0") else _tidy(written)


def _tidy(written: str) -> str | None:
    """A decimal without a minus before zero and without zeros before its first digit."""
    sign = "-" if written.startswith("-") and written.strip("-0.") else ""
    whole, dot, rest = written.lstrip("-").partition(".")
    tidied = f"{sign}{whole.lstrip('0') or '0'}{dot if rest else ''}{rest}"
    return tidied if _PLAIN_NUMBER.fullmatch(tidied) else None


def _number(text: str) -> str:
    found = plain_number(text)
    if found is None:
        raise Unfit(EXPECTED[FieldType.NUMBER])
    return found


def _date(text: str) -> str:
    found = _DATE.fullmatch(text.strip())
    try:
        return date.fromisoformat(found[1]).isoformat() if found else _refuse(FieldType.DATE)
    except ValueError:
        return _refuse(FieldType.DATE)


def _refuse(type_: FieldType) -> str:
    raise Unfit(EXPECTED[type_])


def _email(text: str) -> str:
    text = text.strip()
    return _checked(text) if _EMAIL.fullmatch(text) else _refuse(FieldType.EMAIL)


def _phone(text: str) -> str:
    text = text.strip()
    return _checked(text) if _PHONE.fullmatch(text) else _refuse(FieldType.PHONE)


_READERS: Final[dict[FieldType, Callable[[str], str]]] = {
    FieldType.TEXT: _checked,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.REFERENCE: _checked,
}


def reader(type_: FieldType, choices: tuple[str, ...] = ()) -> Callable[[str], str]:
    """The function that brings a text of that type to its stored form, or raises `Unfit`.

    A text that is blank holds nothing: the caller leaves it out. A reference comes back as it is: whoever reads rows
    finds what it points to.
    """
    return choice_reader(choices) if type_ is FieldType.CHOICE else _READERS[type_]


def choice_reader(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A reader that takes one of `choices`, in any case."""
    by_fold = {choice.casefold(): choice for choice in choices}
    shown = ", ".join(choices[:8]) + (", …" if len(choices) > 8 else "")

    def read(text: str) -> str:
        found = by_fold.get(text.strip().casefold())
        if found is None:
            raise Unfit(f"one of {shown}")
        return found

    return read


def same(type_: FieldType, value: str) -> str:
    """The form in which two values count as the same: 14.0 is 14, an e-mail has no case, a number no spaces."""
    if type_ is FieldType.NUMBER:
        return value.rstrip("0").removesuffix(".") if "." in value else value
    if type_ is FieldType.PHONE:
        return _NO_DIGIT.sub("", value).removeprefix("00")
    if type_ is FieldType.EMAIL:
        return value.casefold()
    return value if value.isascii() else unicodedata.normalize("NFC", value)
