"""Canonical bytes: the one way to write a structure that is going to be hashed (specs/audit-log.md, section 1).

Inside the part of JSON that the format takes, the standard library's encoder writes the bytes of RFC 8785, seven times
faster than the `rfc8785` package does; the tests compare the two on generated values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, Never

from safehold.kernel.errors import Invalid, Tampered

__all__ = ["KEY", "MAX_INT", "Scalar", "Value", "decode", "encode"]

Scalar = str | int | bool | None
Value = Scalar | Sequence["Value"] | Mapping[str, "Value"]

MAX_INT: Final = 2**53 - 1
KEY: Final = r"[A-Za-z][A-Za-z0-9_.-]{0,63}"
_MAX_DEPTH: Final = 16
_KEY = re.compile(KEY)


def encode(value: Value) -> bytes:
    """The canonical bytes of a value; `Invalid` if it lies outside the part of JSON that the format takes."""
    _check(value, 1)
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise Invalid("A surrogate on its own can't be written in UTF-8.") from None


def decode(data: bytes) -> Value:
    """The value of canonical bytes; `Tampered` if the bytes are not exactly what `encode` would write."""
    try:
        value: Value = _DECODER.decode(data.decode("utf-8"))
        again = encode(value)
    except (ValueError, RecursionError, Invalid):
        raise Tampered("Expected canonical JSON, found something else.") from None
    if again != data:
        raise Tampered("Expected canonical JSON, found the same value written another way.")
    return value


def _check(value: object, depth: int) -> None:
    """Refuse what has no single spelling: fractions, big numbers, odd keys, deep nesting, other types."""
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if not -MAX_INT <= value <= MAX_INT:
            raise Invalid(f"{value} is too big for canonical JSON; write it as a string.")
        return
    if depth > _MAX_DEPTH:
        raise Invalid(f"Canonical JSON is at most {_MAX_DEPTH} levels deep.")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                raise Invalid(f"{key!r} can't be a key in canonical JSON.")
            _check(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, depth + 1)
    else:
        raise Invalid(f"Canonical JSON has no {type(value).__name__}.")


def _refuse(text: str) -> Never:
    raise ValueError(f"{text} is not a whole number")


def _integer(text: str) -> int:
    # Python refuses numbers of thousands of digits with ValueError, and `decode` answers for both.
    return int(text) if len(text) <= 17 else _refuse(text)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
_DECODER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, parse_int=_integer)
