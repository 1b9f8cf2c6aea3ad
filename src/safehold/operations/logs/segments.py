"""Sealed segments of the archive of logs (specs/log-archive.md): their names, sealing one, opening one.

    safehold-log-segment/1 LF | id (16) | length (2) | sealed key | sealed object

Each has a key of its own, sealed under the platform's log key of the month: once a month's key is gone, so is what it
sealed, in every copy of the archive.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from safehold.foundation.keys.sealing import Place, Purpose, open_sealed, seal
from safehold.foundation.scope import clock
from safehold.kernel import sealedobject
from safehold.kernel.errors import Tampered
from safehold.kernel.ids import PLATFORM
from safehold.kernel.logline import encode, moment

__all__ = ["MAGIC", "SUFFIX", "Line", "Segment", "made", "opened", "segments", "strangers"]

Line = dict[str, object]

MAGIC: Final = b"safehold-log-segment/1\n"
SUFFIX: Final = ".sealed"
_NAME = re.compile(r"(\d{8}T\d{6}Z)-(\d{8}T\d{6}Z)-(\d+)-([0-9a-f]{32})\.sealed")
_MONTH = re.compile(r"\d{4}-\d\d")
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_FORMAT: Final = "safehold-logs/1"


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """A segment as its name tells it: from the second of its oldest line to the second after its newest."""

    first: datetime
    last: datetime
    lines: int
    digest: str
    month: str

    @property
    def name(self) -> str:
        """Where it lies inside the archive."""
        stamps = f"{self.first:{_STAMP}}-{self.last:{_STAMP}}"
        return f"{self.month}/{stamps}-{self.lines}-{self.digest}{SUFFIX}"


def segments(folder: Path) -> list[Segment]:
    """Every segment of the archive, oldest first."""
    return sorted(found for path in _files(folder) if (found := _parsed(folder, path)) is not None)


def strangers(folder: Path) -> list[str]:
    """What lies in the archive and is no segment by its name; drafts that a crash left behind among it."""
    return [str(path.relative_to(folder)) for path in _files(folder) if _parsed(folder, path) is None]


def made(environment: str, lines: Sequence[Line]) -> tuple[Segment, bytes]:
    """The lines sealed, and the name for it."""
    moments = [moment(str(line["at"]), clock.now()) for line in lines]
    first = min(moments).replace(microsecond=0)
    last = max(moments).replace(microsecond=0) + timedelta(seconds=1)
    about = {"format": _FORMAT, "first": first.isoformat(), "last": last.isoformat(), "lines": len(lines)}
    plain = json.dumps(about).encode() + b"\n" + b"".join(map(encode, lines))
    segment_id, key, month = clock.new_id(), os.urandom(sealedobject.KEY_SIZE), f"{last:%Y-%m}"
    sealed_key = seal(_place(segment_id), key, purpose=Purpose.LOG, subject=month)
    sealed = b"".join(sealedobject.seal(key, _context(environment, segment_id), [plain]))
    whole = MAGIC + segment_id.bytes + len(sealed_key).to_bytes(2, "big") + sealed_key + sealed
    return Segment(first, last, len(lines), hashlib.sha256(whole).hexdigest()[:32], month), whole


def opened(environment: str, segment: Segment, whole: bytes) -> list[Line]:
    """The lines of a segment. `Tampered` unless the bytes are those that its name stands for, and open."""
    # 1. The name holds the digest of the bytes.
    if hashlib.sha256(whole).hexdigest()[:32] != segment.digest or not whole.startswith(MAGIC):
        raise Tampered
    # 2. The key of the month opens the segment's key, for this segment's id.
    rest = whole[len(MAGIC) :]
    if len(rest) < 18:
        raise Tampered
    segment_id, length = UUID(bytes=rest[:16]), int.from_bytes(rest[16:18], "big")
    key = open_sealed(_place(segment_id), rest[18 : 18 + length])
    # 3. That key opens the lines, for this id and environment.
    context = _context(environment, segment_id)
    plain = b"".join(sealedobject.open_whole(key, context, [rest[18 + length :]]))
    # 4. What is inside says the same as the name.
    head, *lines = [json.loads(line) for line in plain.splitlines()]
    told = (head["format"], head["first"], head["last"], head["lines"])
    if told != (_FORMAT, segment.first.isoformat(), segment.last.isoformat(), segment.lines):
        raise Tampered
    if len(lines) != segment.lines:
        raise Tampered
    return lines


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return sorted(path for path in found if path.relative_to(folder).parts[0] not in {".lock", ".intent.json"})


def _parsed(folder: Path, path: Path) -> Segment | None:
    parts = path.relative_to(folder).parts
    if len(parts) != 2 or not _MONTH.fullmatch(parts[0]) or path.is_symlink():
        return None
    found = _NAME.fullmatch(parts[1])
    if found is None:
        return None
    try:
        first, last = (datetime.strptime(text, _STAMP).replace(tzinfo=UTC) for text in found.groups()[:2])
    except ValueError:
        return None
    return Segment(first, last, int(found[3]), found[4], parts[0])


def _place(segment_id: UUID) -> Place:
    return Place(PLATFORM, "logs.segment", "key", segment_id)


def _context(environment: str, segment_id: UUID) -> bytes:
    return sealedobject.context_of(environment, PLATFORM, segment_id)
