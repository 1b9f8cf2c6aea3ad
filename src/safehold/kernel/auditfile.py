"""The export of a log: one tar file that proves itself (specs/audit-log.md, section 10).

`write` gives the file piece by piece, `Members` reads it member by member; both hold no more than one member at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from safehold.kernel import canonical
from safehold.kernel.auditevent import ORIGIN
from safehold.kernel.canonical import MAX_INT, Value
from safehold.kernel.errors import Invalid, Tampered
from safehold.kernel.merkle import cover

__all__ = ["MAX_MEMBER", "README", "SUFFIX", "Description", "Members", "Opening", "Source", "Span", "header", "write"]

SUFFIX: Final = ".safehold-audit"
MAX_MEMBER: Final = 8_388_608
_CHUNK: Final = 524_288
_NAME = re.compile(rb"[A-Za-z0-9._/-]{1,99}")
_OCTAL = re.compile(rb"[0-7]{11}")
_HASH = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{32}")

README: Final = """This is an audit export of Safehold. It holds the events of one log, each with its exact bytes, and
the proof that they are all there, unchanged and in order.

To check it you need Python 3.9 or newer, and the public key of the installation, which begins with "safehold/". Take
the key from a place that you trust and that did not come with this file: your contract, or the trust page.

    tar -xf FILE verify.py
    python3 verify.py FILE --key 'safehold/...+...+...'

If you kept a checkpoint from an earlier export (the file "checkpoint" in it), add --held CHECKPOINT: that also shows
that nothing before it was changed since. Keep the checkpoint of this export for the next time.

The verify.py in this file is there for convenience. Whoever can forge an export can forge a program beside it: for an
audit that counts, use a copy from elsewhere, or write your own. The format is described in specs/audit-log.md.

Personal values are not in the events, only commitments to them. Where they were disclosed to you they are in the
folder "disclosed", and the check covers them.
"""


class Source(Protocol):
    """Anything to read bytes from, such as an open file."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Description:
    """`export.json`: what the file claims to be. `period` is (from, to) in microseconds, the end not included."""

    log: str
    first: int
    end: int
    size: int
    at: int
    period: tuple[int, int] | None = None

    def encode(self) -> bytes:
        """The content of the member."""
        period = None if self.period is None else {"from": self.period[0], "to": self.period[1]}
        place: dict[str, Value] = {"from": self.first, "size": self.size, "to": self.end}
        return canonical.encode({"at": self.at, "log": self.log, "period": period, "v": 1, **place})

    @classmethod
    def parse(cls, data: bytes) -> Description:
        """The description in these bytes; `Tampered` if a member is missing, unknown or out of range."""
        value = _members(canonical.decode(data), "at", "from", "log", "period", "size", "to", "v")
        first, end, size, at = (_count(value[name], name) for name in ("from", "to", "size", "at"))
        log, period = value["log"], None
        if not isinstance(log, str) or not ORIGIN.fullmatch(log):
            raise Tampered("Expected the origin of a log.")
        if value["v"] is True or value["v"] != 1 or not first <= end <= size:
            raise Tampered("Expected version 1, and from <= to <= size.")
        if value["period"] is not None:
            inner = _members(value["period"], "from", "to")
            period = (_count(inner["from"], "from"), _count(inner["to"], "to"))
        return cls(log, first, end, size, at, period)

    @property
    def partial(self) -> bool:
        """Whether there is more in the log than the file holds, so that `range.json` has to be there."""
        return self.first > 0 or self.end < self.size


@dataclass(frozen=True, slots=True)
class Span:
    """`range.json`: what lies around the events. `left` is the frontier before them, `right` the cover after them."""

    chain: bytes
    left: tuple[bytes, ...]
    right: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The content of the member."""
        left, right = [one.hex() for one in self.left], [one.hex() for one in self.right]
        return canonical.encode({"chain": self.chain.hex(), "left": left, "right": right, "v": 1})

    @classmethod
    def parse(cls, data: bytes, description: Description) -> Span:
        """The span in these bytes, with as many hashes as the description asks for."""
        value = _members(canonical.decode(data), "chain", "left", "right", "v")
        left, right = _hashes(value["left"]), _hashes(value["right"])
        (chain,) = _hashes([value["chain"]])
        if value["v"] is True or value["v"] != 1 or len(left) != description.first.bit_count():
            raise Tampered(f"Expected {description.first.bit_count()} hashes to the left of the events.")
        wanted = len(cover(description.end, description.size))
        if len(right) != wanted:
            raise Tampered(f"Expected {wanted} hashes to the right of the events, found {len(right)}.")
        return cls(chain, left, right)


@dataclass(frozen=True, slots=True)
class Opening:
    """A disclosed personal value, with what is needed to check it against the event's commitment."""

    name: str
    value: str
    salt: bytes

    def encode(self, index: int) -> bytes:
        """The line for the event of this index."""
        return canonical.encode({"index": index, "name": self.name, "salt": self.salt.hex(), "value": self.value})

    @classmethod
    def parse(cls, line: bytes) -> tuple[int, Opening]:
        """Index and opening of a line."""
        value = _members(canonical.decode(line), "index", "name", "salt", "value")
        name, text, salt = value["name"], value["value"], value["salt"]
        if not isinstance(name, str) or not isinstance(text, str) or not isinstance(salt, str):
            raise Tampered("Expected name, salt and value of an opening as strings.")
        if not _SALT.fullmatch(salt):
            raise Tampered("Expected a salt of 16 bytes.")
        return _count(value["index"], "index"), cls(name, text, bytes.fromhex(salt))


def _members(value: object, *names: str) -> dict[str, Value]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise Tampered(f"Expected an object with exactly the members {', '.join(names)}.")
    return value


def _count(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INT:
        raise Tampered(f"Expected {name} to be a whole number, 0 or more.")
    return value


def _hashes(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise Tampered("Expected a list of hashes.")
    if any(not isinstance(one, str) or not _HASH.fullmatch(one) for one in value):
        raise Tampered("Expected hashes of 32 bytes in hex.")
    return tuple(bytes.fromhex(one) for one in value)


def header(name: str, size: int) -> bytes:
    """The one header that a member of this name and size can have."""
    start = name.encode("ascii").ljust(100, b"\x00") + b"0000644\x00" + b"0000000\x00" * 2 + b"%011o\x00" % size
    end = b"0" + b"\x00" * 100 + b"ustar\x0000"
    blank = start + b"00000000000\x00" + b" " * 8 + end
    return (start + b"00000000000\x00" + b"%06o\x00 " % sum(blank) + end).ljust(512, b"\x00")


class _Writer:
    def __init__(self) -> None:
        self._listed: list[Value] = []

    def member(self, name: str, content: bytes) -> bytes:
        if len(content) > MAX_MEMBER:
            raise Invalid(f"{name} has {len(content)} bytes; a member of an export has at most {MAX_MEMBER}.")
        self._listed.append({"name": name, "sha256": sha256(content).hexdigest(), "size": len(content)})
        return header(name, len(content)) + content + b"\x00" * (-len(content) % 512)

    def end(self) -> bytes:
        content = canonical.encode({"members": self._listed, "v": 1})
        return self.member("manifest.json", content) + b"\x00" * 1024


def write(
    description: Description,
    events: Iterable[tuple[bytes, Sequence[Opening]]],
    *,
    program: bytes,
    checkpoint: str,
    earlier: Sequence[str] = (),
    span: Span | None = None,
    logs: str | None = None,
    readme: str = README,
) -> Iterator[bytes]:
    """The file, piece by piece.

    `events` gives each event's exact bytes with the openings to disclose (mostly none); `program` is the text of
    `safehold.kernel.verifier.standalone`; `earlier` are signed checkpoints in [first, end] below the final one; `span`
    is what lies around, needed if the description is `partial`; `logs` proves this log's head in the log of logs.
    """
    if description.partial != (span is not None):
        raise Invalid("An export of a part of a log needs what lies around it; one of the whole log doesn't.")
    out = _Writer()
    yield out.member("README.txt", readme.encode())
    yield out.member("verify.py", program)
    yield out.member("export.json", description.encode())
    yield out.member("checkpoint", checkpoint.encode())
    if earlier:
        yield out.member("checkpoints.jsonl", b"".join(canonical.encode(one) + b"\n" for one in earlier))
    if span is not None:
        yield out.member("range.json", span.encode())
    if logs is not None:
        yield out.member("logs.tlog-proof", logs.encode())
    yield from _write_events(out, description, events)
    yield out.end()


def _write_events(
    out: _Writer, description: Description, events: Iterable[tuple[bytes, Sequence[Opening]]]
) -> Iterator[bytes]:
    number, size, index = 0, 0, description.first
    lines: list[bytes] = []
    shown: list[bytes] = []

    def flush() -> bytes:
        found = out.member(f"events/{number:08}.jsonl", b"".join(lines)) if lines else b""
        return found + (out.member(f"disclosed/{number:08}.jsonl", b"".join(shown)) if shown else b"")

    for data, openings in events:
        lines.append(data + b"\n")
        shown += [one.encode(index) + b"\n" for one in sorted(openings, key=lambda one: one.name)]
        size += len(lines[-1]) + sum(map(len, shown[-len(openings) :] if openings else ()))
        index += 1
        if size >= _CHUNK:
            yield flush()
            number, size, lines, shown = number + 1, 0, [], []
    yield flush()
    if index != description.end:
        raise Invalid(f"Expected events up to index {description.end}, got them up to {index}.")


class Members:
    """Reads the members one by one; anything but the exact framing raises `Tampered`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.listed: list[Value] = []
        """What the manifest has to say of the members taken so far."""
        self.name: str | None = ""
        """The name of the member that is next, or None at the end."""
        self._size = 0
        self._advance()

    def take(self) -> bytes:
        """The content of the next member."""
        name, size = self.name, self._size
        if name is None:
            raise Tampered("Expected another member, found the end.")
        content = self._exactly(size)
        if self._exactly(-size % 512).strip(b"\x00"):
            raise Tampered(f"Expected zeros after the content of {name}.")
        self.listed.append({"name": name, "sha256": sha256(content).hexdigest(), "size": size})
        self._advance()
        return content

    def _advance(self) -> None:
        block = self._exactly(512)
        if not block.strip(b"\x00"):
            if self._exactly(512).strip(b"\x00") or self._source.read(1):
                raise Tampered("Expected two blocks of zeros at the end, and nothing after them.")
            self.name = None
            return
        name, size = block[:100].rstrip(b"\x00"), block[124:135]
        if not _NAME.fullmatch(name) or not _OCTAL.fullmatch(size):
            raise Tampered("Expected the header of a member.")
        self.name, self._size = name.decode(), int(size, 8)
        if self._size > MAX_MEMBER or header(self.name, self._size) != block:
            raise Tampered(f"Expected the header of {self.name} as the format has it.")

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._source.read(size)
            if not part:
                raise Tampered("Expected more, found the end of the file: it was cut.")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
