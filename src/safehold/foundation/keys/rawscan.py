"""Raw scan: looks for known values, byte for byte, in files and in rows, in all the spellings they may have there.

It reports where something was found and under which label, never what. A value is looked for as UTF-8, UTF-16,
hexadecimal and base64 (in its three alignments), in small and capital letters, and as JSON writes what isn't ASCII.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

__all__ = ["Hit", "Needle", "Needles", "Report", "needles_of_bytes", "needles_of_texts", "scan_chunks", "scan_files"]

_CHUNK = 4 * 1024 * 1024
_SHORTEST = 12
_BEGINNING = 16


@dataclass(frozen=True, slots=True)
class Needle:
    """One spelling of one value to look for."""

    label: str
    form: str
    pattern: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """A value was found: which, in which spelling, where."""

    label: str
    form: str
    place: str


@dataclass(slots=True)
class Report:
    """What a scan looked at, what it found, and what it left out because its time was up."""

    files: int = 0
    size: int = 0
    size_left_out: int = 0
    unreadable: list[str] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)


class Needles:
    """What to look for, made ready: needles that begin alike are found or ruled out by one search."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self.all = tuple(needles)
        self.overlap = max((len(needle.pattern) for needle in self.all), default=1) - 1
        self.groups: dict[bytes, list[Needle]] = {}
        for needle in self.all:
            self.groups.setdefault(needle.pattern[:_BEGINNING], []).append(needle)

    def found_in(self, window: bytes) -> Iterator[Needle]:
        """Each needle that is there."""
        for beginning, group in self.groups.items():
            if beginning in window:
                yield from (needle for needle in group if needle.pattern in window)


def needles_of_texts(values: Mapping[str, str]) -> list[Needle]:
    """Every spelling of each text. A text too short to be found by chance only is refused."""
    found = []
    for label, text in values.items():
        if len(text) < _SHORTEST:
            raise ValueError(f"the planted value {label} is too short: it would be found by chance")
        forms = dict(_spellings(text))
        distinct = {pattern: form for form, pattern in reversed(forms.items())}
        found += [Needle(label, form, pattern) for pattern, form in distinct.items()]
    return found


def needles_of_bytes(values: Mapping[str, bytes]) -> list[Needle]:
    """Raw bytes, and the same in hexadecimal and base64."""
    return [Needle(label, form, p) for label, value in values.items() for form, p in _bytes_spellings("bytes", value)]


def scan_chunks(chunks: Iterable[bytes], needles: Needles, place: str) -> list[Hit]:
    """Look through a stream; what lies across two chunks is found too. Each needle is reported once."""
    found: dict[Needle, Hit] = {}
    tail = b""
    for chunk in chunks:
        window = tail + chunk
        found |= {needle: Hit(needle.label, needle.form, place) for needle in needles.found_in(window)}
        tail = window[-needles.overlap :] if needles.overlap else b""
    return list(found.values())


def scan_files(
    folders: Iterable[Path], needles: Needles, *, first: Path | None = None, seconds: float = math.inf
) -> Report:
    """Look through every regular file below the folders, each once, without following links inside them.

    The file `first`, then the newest ones, then older ones until the time is up.
    """
    report, until = Report(), monotonic() + seconds
    found: dict[Path, _File] = {}
    for file in _files_below(folders, report):
        found.setdefault(file.path.resolve(), file)
    for file in sorted(found.values(), key=lambda file: (file.path == first, file.changed_at), reverse=True):
        if monotonic() > until:
            report.size_left_out += file.size
            continue
        try:
            report.hits += scan_chunks(_counted(file.path, report), needles, file.place)
            report.files += 1
        except FileNotFoundError:
            continue  # the server removes and recycles files all the time
        except OSError:
            report.unreadable.append(file.place)
    return report


@dataclass(frozen=True, slots=True)
class _File:
    """A file to look through; `place` is its name for people."""

    path: Path
    changed_at: float
    size: int
    place: str


def _files_below(folders: Iterable[Path], report: Report) -> Iterator[_File]:
    def refused(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            report.unreadable.append(str(error.filename))

    for folder in folders:
        for parent, _, names in os.walk(folder, onerror=refused):
            for path in (Path(parent, name) for name in names):
                with contextlib.suppress(FileNotFoundError):
                    about = path.lstat()
                    if stat.S_ISREG(about.st_mode):
                        yield _File(path, about.st_mtime, about.st_size, str(path.relative_to(folder.parent)))


def _counted(path: Path, report: Report) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            report.size += len(chunk)
            yield chunk


def _spellings(text: str) -> Iterator[tuple[str, bytes]]:
    for case, spelled in (("as it is", text), ("small", text.lower()), ("capitals", text.upper())):
        yield from _bytes_spellings(f"UTF-8 {case}", spelled.encode())
        yield f"UTF-16 little-endian {case}", spelled.encode("utf-16-le")
        yield f"UTF-16 big-endian {case}", spelled.encode("utf-16-be")
        yield f"JSON {case}", json.dumps(spelled)[1:-1].encode()


def _bytes_spellings(name: str, value: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, value
    yield f"{name}, hexadecimal", value.hex().encode()
    yield f"{name}, hexadecimal capitals", value.hex().upper().encode()
    for shift in range(3):
        # What a value looks like inside a longer base64 text: only the digits that its neighbours don't reach.
        encoded = base64.b64encode(bytes(shift) + value)
        inner = encoded[-(-shift * 8 // 6) : (shift + len(value)) * 8 // 6]
        yield f"{name}, base64 +{shift}", inner
        yield f"{name}, base64url +{shift}", inner.translate(bytes.maketrans(b"+/", b"-_"))
