"""Sort slots: order-preserving text for values of open fields that can be sorted and filtered by range.

Eight text columns with byte order (`COLLATE "C"`) serve every type, because comparing text is leakproof and therefore
stays in the index below row-level security; comparing `numeric` isn't. Two values have the same slot only if a person
would call them equal: case, accents and spacing of text don't count, nor do the zeros behind a decimal.

Numbers are written as sign, exponent and digits; below zero the digits are complemented, so that byte order is number
order:  -12 → 0 497 87 ~   0 → 1   12 → 2 502 12   (without the spaces).
"""

from __future__ import annotations

import unicodedata

from safehold.workspace.records.values import FieldType, same

__all__ = ["LONGEST", "folded", "prefix_end", "slot"]

LONGEST = 200
"""Characters of a text that are sorted by. What is cut ends in a mark that no whole text has."""

_CUT = "\U0010fffe"
_LAST = "\U0010ffff"
_BIAS = 500
_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def folded(text: str) -> str:
    """Without case, accents and surplus spaces: "  Münster " and "MUNSTER" are one."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(text.split())


def _number(value: str) -> str:
    negative = value.startswith("-")
    whole, _, fraction = value.lstrip("-").partition(".")
    digits = whole.lstrip("0") + fraction
    exponent = len(whole.lstrip("0"))
    if exponent == 0:
        exponent = len(digits.lstrip("0")) - len(digits)
    digits = digits.strip("0")
    if not digits:
        return "1"
    if negative:
        return f"0{999 - (exponent + _BIAS):03}{digits.translate(_COMPLEMENT)}~"
    return f"2{exponent + _BIAS:03}{digits}"


def slot(type_: FieldType, value: str) -> str:
    """The slot of a stored value; the empty string for none."""
    if not value or type_ is FieldType.DATE:
        return value
    if type_ is FieldType.NUMBER:
        return _number(value)
    if type_ is FieldType.PHONE:
        return same(type_, value)[:LONGEST]
    text = folded(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + _CUT


def prefix_end(prefix: str) -> str:
    """The end, not included, of all texts that begin with `prefix`, in byte order."""
    return prefix + _LAST
