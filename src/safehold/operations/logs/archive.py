"""The archive of logs: gathering live lines into sealed segments, reading them back, letting go of what is old.

Gathering is safe against a kill at any point, and takes each line once:

1. read whole lines from the live files, and seal them in memory;
2. write down what is about to happen: the segment's name, and which bytes of which files it holds;
3. store the segment, durable and whole;
4. blot those bytes out of the live files;
5. forget what was written down.

Whoever gathers next looks first for what was written down. If the segment is there, 4 and 5 are done again; if it
isn't, nothing has happened.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from safehold.foundation.scope import clock
from safehold.kernel.installation import Installation
from safehold.kernel.logline import moment, understand
from safehold.operations import files
from safehold.operations.logs import live
from safehold.operations.logs.conf import SEGMENT
from safehold.operations.logs.live import Span, Stretch
from safehold.operations.logs.segments import Line, Segment, made, opened, segments, strangers

__all__ = ["Oldest", "gather", "lines_of", "oldest_live", "prune", "read"]

_INTENT = ".intent.json"
_LOCK = ".lock"


def gather(installation: Installation) -> int:
    """Seal every whole line of the live files, and blot it out there; the number of lines."""
    gathered = 0
    with _alone(installation.archive):
        _recover(installation)
        while taken := _waiting(installation.logs):
            gathered += _seal(installation, taken)
    return gathered


def read(installation: Installation, since: datetime, until: datetime) -> Iterator[Line]:
    """The lines of a time, archived and live, in order; `Tampered` where a segment doesn't open."""
    with _alone(installation.archive):
        _recover(installation)
        chosen = [each for each in segments(installation.archive) if each.last > since and each.first < until]
        fresh = [line for path in live.live_logs(installation.logs) for line in _live_lines(path)]
    pieces = chain((lines_of(installation, each) for each in chosen), [_sorted(fresh)])
    yield from (line for piece in pieces for line in piece if since <= moment(str(line["at"]), until) < until)


def lines_of(installation: Installation, segment: Segment) -> list[Line]:
    """The lines of one segment; none where it was pruned meanwhile."""
    try:
        whole = (installation.archive / segment.name).read_bytes()
    except FileNotFoundError:
        return []
    return opened(installation.environment, segment, whole)


def prune(installation: Installation, now: datetime) -> list[Segment]:
    """Remove each segment whose oldest line is older than the settings allow, and drafts of crashes. What is gone."""
    until = now - timedelta(days=installation.log_days)
    with _alone(installation.archive):
        gone = [each for each in segments(installation.archive) if each.first < until]
        for each in gone:
            (installation.archive / each.name).unlink(missing_ok=True)
        for name in strangers(installation.archive):
            if Path(name).name.startswith("."):
                (installation.archive / name).unlink(missing_ok=True)
        for folder in installation.archive.iterdir():
            if folder.is_dir():
                with contextlib.suppress(OSError):
                    folder.rmdir()  # where nothing is left in it
    return gone


@dataclass(frozen=True, slots=True)
class Oldest:
    """The oldest line that lies in clear in a live file."""

    name: str
    at: datetime


def oldest_live(installation: Installation) -> list[Oldest]:
    """The oldest waiting line of each live file that has one."""
    waiting = {path.name: _live_lines(path) for path in live.live_logs(installation.logs)}
    return [
        Oldest(name, min(moment(str(line["at"]), clock.now()) for line in lines))
        for name, lines in waiting.items()
        if lines
    ]


def _waiting(logs: Path) -> list[Stretch]:
    """Whole lines from every file, until there is enough for a segment."""
    found, room = [], SEGMENT
    for path in live.live_logs(logs):
        if room > 0 and (stretch := live.waiting(path)) is not None:
            found.append(stretch)
            room -= len(stretch.content)
    return found


def _seal(installation: Installation, taken: list[Stretch]) -> int:
    lines = _sorted([line for stretch in taken for line in _lines(stretch)])
    if not lines:  # nothing but empty lines
        _blot(installation.logs, [stretch.noted() for stretch in taken])
        return 0
    segment, whole = made(installation.environment, lines)
    note = {"segment": segment.name, "taken": [stretch.noted() for stretch in taken]}
    files.replace(installation.archive / _INTENT, json.dumps(note).encode())
    target = installation.archive / segment.name
    target.parent.mkdir(mode=0o700, exist_ok=True)
    files.replace(target, whole)
    files.sync_folder(installation.archive)
    _recover(installation)
    return len(lines)


def _recover(installation: Installation) -> None:
    """Finish what was written down: blot out what its segment holds, if that was stored at all."""
    intent = installation.archive / _INTENT
    try:
        note = json.loads(intent.read_bytes())
    except FileNotFoundError:
        return
    if (installation.archive / note["segment"]).exists():
        _blot(installation.logs, note["taken"])
    intent.unlink()
    files.sync_folder(installation.archive)


def _blot(logs: Path, taken: list[dict[str, Any]]) -> None:
    for each in taken:
        live.blot(logs, Span(**each))


def _live_lines(path: Path) -> list[Line]:
    stretch = live.waiting(path)
    return [] if stretch is None else list(_lines(stretch))


def _lines(stretch: Stretch) -> Iterator[Line]:
    """The lines of a stretch in the archive's form. One that doesn't say when it was written has the time before it."""
    before = ""
    for raw in stretch.content.split(b"\n"):
        if raw.strip(b"\0 \t\r"):
            line = understand(raw, process=live.process_of(stretch.name), seen=clock.now(), before=before)
            yield line
            before = str(line["at"])


def _sorted(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: str(line["at"]))


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the archive: one at a time gathers, reads its list or prunes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
