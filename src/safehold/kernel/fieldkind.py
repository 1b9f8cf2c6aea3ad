"""What a plain field of an event may hold: it is hashed as it is and stays for years, so none holds content.

A room says for each field of its events what kind it is. Text that people typed is no kind: where an event can't do
without, it is `Free`, with the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["FieldKind", "Free", "Kind", "fits"]


class Kind(StrEnum):
    """The kinds of value that say nothing of what tenants keep."""

    ID = "an id"
    KEY = "the key of a collection or field, or several"
    COUNT = "a number"
    FLAG = "yes or no"
    MOMENT = "a moment"
    DIGEST = "a digest"
    CODE = "a word that the code chose"
    WORDS = "words that the code chose"
    ROUTE = "a method and the pattern of an address"


@dataclass(frozen=True, slots=True)
class Free:
    """Text that somebody typed, all the same in a plain field, because of `reason`; no longer than `longest`."""

    reason: str
    longest: int = 200


FieldKind = Kind | Free

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FORMS: Final[dict[Kind, re.Pattern[str]]] = {
    Kind.ID: re.compile(rf"(?:[a-z]+:)?{_UUID}|[0-9a-f]{{12,32}}|[a-z]{{0,12}}"),
    Kind.KEY: re.compile(r"(?:[A-Za-z0-9_\-]{1,100}(?:, )?)*"),
    Kind.MOMENT: re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+\-]\d\d:\d\d))?|"),
    Kind.DIGEST: re.compile(r"[0-9a-f]{0,128}"),
    Kind.CODE: re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+\-]{0,100}|"),
    Kind.WORDS: re.compile(r"[A-Za-z0-9 ,.'()_:+/\-]{0,120}"),
    Kind.ROUTE: re.compile(r"(?:[A-Z]{3,7} (?:/(?:[^\s?]|\(\?P<){0,200}|unknown)|[a-z]+ [A-Za-z0-9_.:\- ]{1,100})"),
}


def fits(kind: FieldKind, value: object) -> bool:
    """Whether a value is of a kind. Nothing at all is of every kind."""
    if value is None:
        return True
    if isinstance(kind, Free):
        return isinstance(value, str) and len(value) <= kind.longest
    if kind is Kind.FLAG or isinstance(value, bool):
        return kind is Kind.FLAG and isinstance(value, bool)
    if isinstance(value, int):
        return kind is Kind.COUNT
    return kind in _FORMS and isinstance(value, str) and _FORMS[kind].fullmatch(value) is not None
