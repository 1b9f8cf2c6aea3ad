"""The raw scan finds a value in every spelling, wherever it lies, and says where but not what."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from safehold.foundation.keys import rawscan
from safehold.foundation.keys.rawscan import Needles, needles_of_bytes, needles_of_texts, scan_chunks, scan_files

TEXT = "Canary Ünit Nr. 4711/Ä?>"
SPELLINGS = needles_of_texts({"label": TEXT})
NEEDLES = Needles(SPELLINGS)
SPELLED = {
    "plain": TEXT.encode(),
    "small": TEXT.lower().encode(),
    "capitals": TEXT.upper().encode(),
    "utf-16": TEXT.encode("utf-16-le"),
    "utf-16 of another order": TEXT.encode("utf-16-be"),
    "hex": TEXT.encode().hex().encode(),
    "capital hex": TEXT.encode().hex().upper().encode(),
    "json": json.dumps({"name": TEXT}).encode(),
    **{f"base64 behind {n}": base64.b64encode(b"n" * n + TEXT.encode() + b"after") for n in range(6)},
    **{f"base64url behind {n}": base64.urlsafe_b64encode(b"n" * n + TEXT.encode()) for n in range(3)},
}


@pytest.mark.parametrize("spelled", SPELLED.values(), ids=SPELLED.keys())
def test_every_spelling_is_found(spelled: bytes):
    hits = scan_chunks([b"before " + spelled + b" after"], NEEDLES, "here")
    assert {(hit.label, hit.place) for hit in hits} == {("label", "here")}


def test_what_is_not_there_is_not_found():
    assert (
        scan_chunks([os.urandom(100_000), TEXT[:-1].encode(), b"", TEXT[:-1].lower().encode()], NEEDLES, "here") == []
    )


@given(st.lists(st.integers(1, 12), max_size=30), st.binary(max_size=30))
def test_what_lies_across_chunks_is_found(cuts: list[int], before: bytes):
    stream, chunks = before + TEXT.encode() + b"tail", []
    for size in cuts:
        chunks.append(stream[:size])
        stream = stream[size:]
    hits = scan_chunks([*chunks, stream], NEEDLES, "here")
    assert "UTF-8 as it is" in {hit.form for hit in hits}
    assert len({hit.form for hit in hits}) == len(hits)


def test_bytes_are_found_raw_and_spelled():
    needles = Needles(needles_of_bytes({"key": bytes(range(100, 132))}))
    for spelled in (
        bytes(range(100, 132)),
        bytes(range(100, 132)).hex().encode(),
        base64.b64encode(bytes(range(100, 132))),
    ):
        assert scan_chunks([spelled], needles, "here")
    assert scan_chunks([bytes(range(100, 131))], needles, "here") == []


def test_spellings_that_are_one_are_looked_for_once():
    patterns = [needle.pattern for needle in needles_of_texts({"label": "canary0123456789"})]
    assert len(patterns) == len(set(patterns))


def test_short_values_are_refused():
    with pytest.raises(ValueError, match="too short"):
        needles_of_texts({"label": "canary"})


def test_no_repr_shows_the_value():
    assert "Canary" not in repr(SPELLINGS) + repr(NEEDLES)
    assert "Canary" not in repr(scan_chunks([TEXT.encode()], NEEDLES, "here"))


def test_nothing_to_look_for_is_fine():
    assert scan_chunks([b"x"], Needles([]), "here") == []


def test_files_are_searched_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rawscan, "_CHUNK", 64)
    home = tmp_path / "home"
    (home / "inner").mkdir(parents=True)
    (home / "inner" / "page").write_bytes(b"x" * 50 + TEXT.encode() + b"y" * 500)
    (home / "clean").write_bytes(b"z" * 100)
    (home / "link").symlink_to(home / "inner" / "page")
    os.mkfifo(home / "pipe")
    report = scan_files([home, home / "inner", tmp_path / "absent"], NEEDLES)
    assert {hit.place for hit in report.hits} == {"home/inner/page"}
    assert report.files == 2
    assert report.size == (home / "inner" / "page").stat().st_size + 100
    assert report.unreadable == []


def test_when_time_is_up_the_first_and_the_newest_were_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for age, name in enumerate(["newest", "older", "oldest", "first"]):
        (tmp_path / name).write_bytes(TEXT.encode())
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    ticks = iter(range(10))
    monkeypatch.setattr(rawscan, "monotonic", lambda: float(next(ticks)))
    report = scan_files([tmp_path], NEEDLES, first=tmp_path / "first", seconds=2)
    assert [Path(hit.place).name for hit in report.hits if hit.form == "UTF-8 as it is"] == ["first", "newest"]
    assert report.size_left_out == 2 * len(TEXT.encode())


def test_what_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "home" / "shut").mkdir(parents=True)
    (tmp_path / "home" / "file").write_bytes(b"x")
    (tmp_path / "home" / "gone").write_bytes(b"x")
    opened, scanned = Path.open, os.scandir

    def refuse(path: Path, *args, **kwargs):
        if path.name == "file":
            raise PermissionError(13, "Permission denied", str(path))
        if path.name == "gone":
            raise FileNotFoundError(2, "No such file", str(path))
        return opened(path, *args, **kwargs)

    def refuse_folder(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scanned(path)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(rawscan.os, "scandir", refuse_folder)
    report = scan_files([tmp_path / "home"], NEEDLES)
    assert set(report.unreadable) == {"home/file", str(tmp_path / "home" / "shut")}
    assert report.files == 0
