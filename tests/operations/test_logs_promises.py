"""AUD-8: the archive of logs, broken on purpose in each way that the check has to see."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from safehold.assurance.runner import probe_context
from safehold.foundation.keys import canaries
from safehold.foundation.scope import clock
from safehold.kernel.installation import Installation
from safehold.kernel.logline import encode
from safehold.kernel.promise import Result
from safehold.operations.checks import archive as check
from safehold.operations.logs import archive, segments

pytestmark = pytest.mark.database


@pytest.fixture
def place(installation: Installation, tmp_path: Path) -> Iterator[Installation]:
    class Elsewhere(Installation):
        logs = property(lambda _: tmp_path / "logs")

    made = Elsewhere(**{name: getattr(installation, name) for name in Installation.__dataclass_fields__})
    made = replace(made, archive_folder=tmp_path / "archive")
    made.logs.mkdir()
    made.archive.mkdir(mode=0o700)
    with override_settings(SAFEHOLD=made):
        say(made, "something that happened")
        archive.gather(made)
        yield made


def say(place: Installation, message: str, *, days: float = 0) -> None:
    at = (clock.now() - timedelta(days=days)).isoformat(timespec="milliseconds")
    log = place.logs / "web.log"
    with log.open("ab") as file:
        file.write(encode({"at": at, "level": "info", "logger": "x", "message": message}))
    log.chmod(0o600)


def lies(place: Installation) -> list[str]:
    found = check.check_archive(probe_context())
    assert (found.result is Result.BROKEN) == bool(found.evidence.get("faults")), found
    return list(found.evidence.get("faults", []))


def ages(**after: float) -> Result:
    probe = probe_context()
    return check.check_ages(replace(probe, now=probe.now + timedelta(**after))).result


def test_both_are_kept(place: Installation) -> None:
    say(place, "another thing")
    assert lies(place) == []
    assert ages() is Result.KEPT


def test_a_file_in_clear_breaks_it(place: Installation) -> None:
    (place.archive / "web.log").write_bytes((place.logs / "web.log").read_bytes())
    assert lies(place) == ["web.log is no sealed segment"]
    (place.archive / "web.log").write_bytes(encode({"message": "x", "logger": "y"}))
    assert "a log stands in clear in archive/web.log" in lies(place)


def test_the_planted_line_in_clear_breaks_it(place: Installation) -> None:
    (segment,) = segments.segments(place.archive)
    with (place.archive / segment.name).open("ab") as file:
        file.write(canaries.phrase(check.LABEL).encode("utf-16-le"))
    found = lies(place)
    assert any(fault.startswith("logs/line stands in clear in archive/") for fault in found)
    assert any(fault.endswith("doesn't open") for fault in found)


def test_a_segment_that_does_not_open_breaks_it(place: Installation) -> None:
    (segment,) = segments.segments(place.archive)
    whole = bytearray((place.archive / segment.name).read_bytes())
    whole[-1] ^= 1
    (place.archive / segment.name).write_bytes(whole)
    assert lies(place) == [f"{segment.name} doesn't open"]


def test_sealing_that_seals_nothing_breaks_it(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safehold.kernel.sealedobject.seal", lambda *given: iter(given[2]))
    assert "a segment shows what was sealed in it" in lies(place)


def test_files_that_others_may_read_break_it(place: Installation) -> None:
    say(place, "x")
    (place.logs / "web.log").chmod(0o644)
    place.archive.chmod(0o755)
    assert lies(place) == ["others may read archive", "others may read web.log"]


def test_an_old_segment_breaks_it_and_pruning_mends_it(place: Installation) -> None:
    say(place, "old", days=91)
    archive.gather(place)
    assert ages() is Result.BROKEN
    archive.prune(place, clock.now())
    assert ages() is Result.KEPT
    assert ages(days=91) is Result.BROKEN


def test_an_old_line_in_a_live_log_breaks_it(place: Installation) -> None:
    say(place, "old", days=91)
    assert ages() is Result.BROKEN
    os.truncate(place.logs / "web.log", 0)
    assert ages() is Result.KEPT


def test_lines_that_nobody_seals_break_it_while_it_runs(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_gathers", lambda _: True)
    say(place, "waits")
    assert ages() is Result.KEPT
    assert ages(hours=2) is Result.BROKEN
    archive.gather(place)
    assert ages(hours=2) is Result.KEPT


def test_a_log_that_cannot_be_gathered_breaks_it(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root leaves one behind, say. The others are gathered all the same."""
    say(place, "ours")
    (place.logs / "theirs.log").write_bytes(b"theirs\n")
    (place.logs / "theirs.log").chmod(0o600)
    usual = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "theirs" not in str(path) and usual(path, mode))
    assert archive.gather(place) > 0
    assert lies(place) == ["logs/theirs.log is somebody else's, and isn't gathered"]
