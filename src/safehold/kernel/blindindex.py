"""Blind index: keyed tokens that find a sealed value again without opening it. `specs/blind-index.md`.

A token is HMAC-SHA256 under a key of its own for each tenant and field, cut to a signed 64-bit number. Whole values
and words live in domains of their own, so a word's token says nothing about a value's. Equal values have equal
tokens: that, and how often each occurs, is what somebody who reads the database learns.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from uuid import UUID

from safehold.kernel.mackey import MacKey

__all__ = ["Kind", "canonical", "field_key", "token", "word_tokens", "words"]

_LONGEST_WORD = 64
_WORD = re.compile(r"[^\x00-/:-`{-\x7f]+")  # what isn't ASCII is already letters, marks, digits and spaces
_ACCENTS = re.compile("[\u0300-\u036f]")
_INVISIBLE = frozenset({"Cc", "Cf"})
# Letters that Unicode doesn't take apart, though a search without accents should find them.
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})
_MAILTO = re.compile(r"^(?:mailto:)+")
_EXTENSION = re.compile(r"(?:\bextension|\bext|\be?x)\.?\s*(\d+)\D*$")


class Kind(IntEnum):
    """How a value is brought to one form before it is hashed. The number is the domain in the hashed bytes."""

    TEXT = 1
    WORD = 2
    EMAIL = 3
    PHONE = 4
    EXACT = 5


def canonical(kind: Kind, value: str) -> str:
    """The one form that all spellings of a value share; the empty string where nothing is left to look for."""
    if kind is Kind.EXACT:
        return value
    if kind is Kind.WORD:
        return next(iter(words(value)), "")
    if kind is Kind.EMAIL:
        return _MAILTO.sub("", _fold(_fold(value).replace(" ", ""))).rstrip(".")
    if kind is Kind.PHONE:
        return _phone(_fold(value))
    return _fold(value)


def words(text: str) -> list[str]:
    """The distinct words of a text in order: folded, without accents, 64 characters of each at most."""
    folded = _fold(text)
    if not folded.isascii():
        plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)).translate(_PLAIN_LETTERS)
        plain = unicodedata.normalize("NFC", plain)
        folded = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in plain)
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in _WORD.findall(folded)))


def _fold(text: str) -> str:
    """No invisible characters, NFKC and case folding until neither changes anything, single spaces."""
    if not text.isprintable():
        text = "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter) not in _INVISIBLE)
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
        text = unicodedata.normalize("NFKC", text.casefold())
    return " ".join(text.split())


def _phone(text: str) -> str:
    """A leading plus if the number is international, its digits, and "x" with the extension if one is named."""
    text = text.removeprefix("tel:").replace("(0)", "")
    extension = _EXTENSION.search(text)
    number = text[: extension.start()] if extension else text
    digits = _digits(number)
    international = number.lstrip(" (").startswith("+")
    if not international and digits.startswith("00"):
        international, digits = True, digits[2:]
    return ("+" if international else "") + digits + (f"x{_digits(extension[1])}" if extension else "")


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())


def token(key: MacKey, kind: Kind, value: str) -> int:
    """The token of a value, brought to its canonical form first."""
    return _cut(key.digest(bytes((kind,)) + canonical(kind, value).encode("utf-8", "surrogatepass")))


def word_tokens(key: MacKey, text: str) -> list[int]:
    """A token for each distinct word of a text, in order."""
    prefix = bytes((Kind.WORD,))
    return [_cut(key.digest(prefix + word.encode())) for word in words(text)]


def field_key(index_key: MacKey, tenant_id: UUID, field_id: UUID) -> MacKey:
    """The key of one field's index, from the tenant's index key."""
    return MacKey(index_key.derive(b"safehold/blind-index/1", tenant_id.bytes, field_id.bytes))


def _cut(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big", signed=True)
