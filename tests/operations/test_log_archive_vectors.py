"""specs/log-archive.md by its vectors: each segment opens to the lines beside it, and none that isn't right does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from safehold.kernel import sealedfield, xaes
from safehold.kernel.errors import Tampered
from safehold.operations.logs import segments

VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "log-archive"
VALID = json.loads((VECTORS / "valid.json").read_text())
INVALID = json.loads((VECTORS / "invalid.json").read_text())


def opened(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[segments.Line]:
    """As a reader does who has the file under its name, and the key of its month."""
    key, key_id = xaes.XaesKey(bytes.fromhex(case["key"])), UUID(case["key_id"])
    monkeypatch.setattr(
        segments, "open_sealed", lambda place, sealed: sealedfield.open_many(key, key_id, [(place, sealed)])[0]
    )
    path = tmp_path / case["file"]
    path.parent.mkdir()
    path.write_bytes(bytes.fromhex(case["sealed"]))
    (segment,) = segments.segments(tmp_path)
    assert segment.name == case["file"]
    return segments.opened(case["environment"], segment, path.read_bytes())


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["name"])
def test_a_segment_opens(case, tmp_path, monkeypatch):
    assert opened(case, tmp_path, monkeypatch) == case["lines"]


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case["name"])
def test_what_isnt_right_is_refused_without_a_reason(case, tmp_path, monkeypatch):
    with pytest.raises(Tampered) as caught:
        opened(case, tmp_path, monkeypatch)
    assert caught.value.message == Tampered().message


@pytest.mark.parametrize(
    "name",
    [
        "2026-11/20261127T023134Z-20261127T023135Z-1-abc.sealed",
        "2026-11/20261327T023134Z-20261127T023135Z-1-" + "0" * 32 + ".sealed",
        "november/20261127T023134Z-20261127T023135Z-1-" + "0" * 32 + ".sealed",
        "2026-11/notes.txt",
        "2026-11/.draft",
    ],
)
def test_what_is_no_segment_by_its_name_is_a_stranger(name, tmp_path):
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(b"x")
    assert segments.segments(tmp_path) == []
    assert segments.strangers(tmp_path) == [name]
