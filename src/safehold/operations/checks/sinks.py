"""Where what happens is written down: live logs and their archive, the sealed log, kept mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from safehold.foundation.audit.probes.content import newest_bodies
from safehold.foundation.keys.rawscan import Needles, scan_chunks
from safehold.kernel.ids import PLATFORM
from safehold.kernel.installation import Installation
from safehold.kernel.logline import encode
from safehold.operations.logs import archive, live
from safehold.operations.logs.segments import segments

__all__ = ["audit_bodies", "log_lines", "mail", "standing_in"]

Sink = tuple[str, bytes]
"""What it is called, and its bytes."""

_MOST = 32 * 1024 * 1024
"""Bytes of a live log that are read, from its end."""
_SEGMENTS = 60
_MAILS = 200


def log_lines(place: Installation) -> Iterator[Sink]:
    """Every live log, then the newest segments: a line that is sealed meanwhile is in one of them at least."""
    for path in live.live_logs(place.logs):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _MOST))
            yield f"logs/{path.name}", file.read().lstrip(b"\0")
    for segment in segments(place.archive)[-_SEGMENTS:]:
        yield f"archive/{segment.name}", b"".join(map(encode, archive.lines_of(place, segment)))


def audit_bodies(logs: tuple[UUID, ...]) -> Iterator[Sink]:
    """The newest events of these logs and of the platform's."""
    for log in (*logs, PLATFORM):
        yield f"log {log}", b"\n".join(newest_bodies(log, 1_000))


def mail(place: Installation) -> Iterator[Sink]:
    """The newest mails that are kept as files."""
    folder = place.home / "mail"
    kept = sorted(folder.glob("*"), key=_changed, reverse=True) if folder.is_dir() else []
    yield from ((f"mail/{path.name}", path.read_bytes()) for path in kept[:_MAILS] if path.is_file())


def standing_in(sinks: Iterator[Sink], needles: Needles) -> list[str]:
    """What of the needles stands where, in words."""
    hits = (hit for name, content in sinks for hit in scan_chunks([content], needles, name))
    return sorted({f"{hit.label} stands in {hit.place}" for hit in hits})


def _changed(path: Path) -> float:
    return path.stat().st_mtime
