"""Are these lines events of this log, in canonical bytes? Answered by one regular expression for almost all of them.

The expression takes only lines that are certainly right; what it doesn't match goes to `auditevent.decode`, which
decides. So the expression makes it fast and can't make it wrong. Parsing each line and writing it again takes five
times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from safehold.kernel import auditevent
from safehold.kernel.errors import Tampered
from safehold.kernel.verifier.report import Refused, step

__all__ = ["Shape"]

_KEY = rb'"[A-Za-z][A-Za-z0-9_.-]{0,63}"'
_WHO = rb'"[!#-\[\]-~]{%d,200}"'
# Strings without escapes. Bytes from 0x80 may be anything here; that they are UTF-8 is checked for all lines at once.
_STRING = rb'"[ !#-\[\]-~\x80-\xff]*"'
_VALUE = rb"(?:" + _STRING + rb"|0|-?[1-9][0-9]{0,14}|true|false|null)"
_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# No string that the expression takes holds a quotation mark, so this finds each key with its value, and nothing else.
_VALUES = re.compile(rb':(?:"[^"\n]*"|[^,"\n]+)')


def _map(value: bytes) -> bytes:
    pair = _KEY + b":" + value
    return rb"\{((?:" + pair + rb"(?:," + pair + rb")*)?)\}"


class Shape:
    """Checks the lines of one log."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        # With MULTILINE and no part that takes a newline, a match is always one whole line.
        self._line = re.compile(
            rb'^\{"actor":%b,"at":([1-8][0-9]{15}|0|[1-9][0-9]{0,14}),"fields":%b,"id":"%b","log":"%b","on":%b,'
            rb'"personal":%b,"type":"[a-z][a-z-]*\.[a-z][a-z-]*","v":1\}$'
            % (_WHO % 1, _map(_VALUE), _UUID, re.escape(origin.encode()), _WHO % 0, _map(rb'"[0-9a-f]{64}"')),
            re.MULTILINE,
        )

    def times(self, lines: Sequence[bytes], first: int) -> list[int]:
        """The `at` of each line; `Refused` at step 8 for the first that is no event of this log."""
        found = self._at_once(lines)
        return [self._one(line, index) for index, line in enumerate(lines, first)] if found is None else found

    def _at_once(self, lines: Sequence[bytes]) -> list[int] | None:
        """The times, or None if any line needs a closer look."""
        joined = b"\n".join(lines)
        found = self._line.findall(joined)
        if len(found) != len(lines) or max(map(len, lines)) > auditevent.MAX_EVENT:
            return None
        times, fields, personal = zip(*found, strict=True)
        if not (joined.isascii() or _is_utf8(joined)) or not _ordered(fields) or not _ordered(personal):
            return None
        return list(map(int, times))

    def _one(self, line: bytes, index: int) -> int:
        if not line:
            raise Refused(8, "Expected an event, found an empty line.", f"event {index}")
        at = self._at_once((line,))
        if at is not None:
            return at[0]
        with step(8, f"event {index}"):
            event = auditevent.decode(line)
            if event.log != self._origin:
                raise Tampered(f"Expected an event of {self._origin}, found one of {event.log}.")
        return event.at


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _ordered(members: Sequence[bytes]) -> bool:
    """Whether the keys of each object ascend. Many events have the same keys, so each set of keys is looked at once."""
    several = {one for one in members if b"," in one}
    return not several or all(_ascend(keys) for keys in set(_VALUES.sub(b"", b"\n".join(several)).split(b"\n")))


def _ascend(keys: bytes) -> bool:
    # The quotation mark sorts before every byte of a name, so keys sort as their names do.
    names: Iterator[bytes] = iter(keys.split(b","))
    before = next(names)
    for name in names:
        if not before < name:
            return False
        before = name
    return True
