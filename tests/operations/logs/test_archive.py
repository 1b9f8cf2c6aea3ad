"""Gathering logs into the sealed archive: nothing lost, nothing doubled, nothing in clear, nothing too old."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from factories import PLATFORM_SCOPE
from safehold.foundation.keys import ring
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Tampered
from safehold.kernel.installation import Installation
from safehold.kernel.logline import encode
from safehold.operations.logs import archive, flows, live
from safehold.operations.logs.segments import segments, strangers

pytestmark = pytest.mark.database


def write(place: Installation, process: str, *messages: str, at: datetime | None = None) -> None:
    moment = (at or clock.now()).isoformat(timespec="milliseconds")
    with (place.logs / f"{process}.log").open("ab", buffering=0) as file:
        for message in messages:
            file.write(encode({"at": moment, "level": "info", "logger": "test", "message": message}))


def messages(place: Installation) -> list[str]:
    now = clock.now()
    found = archive.read(place, now - timedelta(days=1000), now + timedelta(days=1))
    return [str(line["message"]) for line in found]


def archived(place: Installation) -> list[str]:
    return [str(line["message"]) for each in segments(place.archive) for line in archive.lines_of(place, each)]


def test_lines_go_to_the_archive_and_leave_the_live_files(place: Installation) -> None:
    write(place, "web", "one", "two")
    write(place, "worker", "three")
    assert archive.gather(place) == 3

    assert sorted(archived(place)) == ["one", "three", "two"]
    for log in place.logs.iterdir():
        assert log.read_bytes().strip(b"\0") == b""
    write(place, "web", "four")
    assert messages(place)[-1] == "four"
    assert archive.gather(place) == 1
    assert archive.gather(place) == 0


def test_a_segment_holds_nothing_in_clear_and_its_name_only_times(place: Installation) -> None:
    write(place, "web", "a planted sentence that nobody else would write")
    archive.gather(place)

    (segment,) = segments(place.archive)
    whole = (place.archive / segment.name).read_bytes()
    assert b"planted" not in whole
    assert b'"message"' not in whole
    assert (place.archive / segment.name).stat().st_mode & 0o777 == 0o600
    assert place.archive.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("at", [0, 30, 60, 200, -1])
def test_an_altered_segment_is_refused(place: Installation, at: int) -> None:
    write(place, "web", "one")
    archive.gather(place)
    (segment,) = segments(place.archive)
    path = place.archive / segment.name
    whole = bytearray(path.read_bytes())
    whole[at] ^= 1
    path.write_bytes(whole)

    with pytest.raises(Tampered):
        archive.lines_of(place, segment)


def test_a_segment_renamed_to_another_time_is_refused(place: Installation) -> None:
    write(place, "web", "one", at=clock.now() - timedelta(days=3))
    archive.gather(place)
    (segment,) = segments(place.archive)
    newer = segment.name.replace(f"{segment.first:%Y%m%dT%H%M%SZ}-", f"{clock.now():%Y%m%dT%H%M%SZ}-", 1)
    (place.archive / segment.name).rename(place.archive / newer)

    (renamed,) = segments(place.archive)
    with pytest.raises(Tampered):
        archive.lines_of(place, renamed)


def test_whatever_a_process_says_becomes_one_line_without_secrets(place: Installation) -> None:
    raw = (
        b"thread 'tokio' panicked: password=hunter2-hunter2\n"
        b"2026-11-20 10:00:00.000 UTC [77] safehold_app@safehold_test 23505 ERROR:  duplicate key value\n"
        b'{"at":"2026-11-20T10:00:01+00:00","level":"critical","message":"token: abcdefgh","password":"x","n":[1]}\n'
        b"\xff\xfe not text \x1b[31m\n"
        b"[1, 2]\n\n"
    )
    (place.logs / "web.log").write_bytes(raw)
    archive.gather(place)

    lines = [line for each in segments(place.archive) for line in archive.lines_of(place, each)]
    by_logger = {str(line["message"]): line for line in lines}
    assert len(lines) == 5
    assert by_logger["ERROR 23505: duplicate key value"]["level"] == "error"
    assert by_logger["ERROR 23505: duplicate key value"]["at"] == "2026-11-20T10:00:00.000+00:00"
    assert "hunter2" not in json.dumps(lines)
    assert "abcdefgh" not in json.dumps(lines)
    assert all("password" not in line for line in lines)


def test_a_line_cannot_claim_to_be_of_tomorrow(place: Installation) -> None:
    write(place, "web", "one", at=clock.now() + timedelta(days=40))
    archive.gather(place)

    (segment,) = segments(place.archive)
    assert segment.last <= clock.now() + timedelta(seconds=2)


def test_a_line_that_is_not_finished_waits_unless_its_writer_is_gone(place: Installation) -> None:
    log = place.logs / "web.log"
    log.write_bytes(b"whole\nhalf a l")
    assert archive.gather(place) == 1
    assert log.read_bytes().strip(b"\0") == b"half a l"
    os.utime(log, (time.time() - 120, time.time() - 120))
    assert archive.gather(place) == 1


def test_writers_lose_nothing_while_it_gathers(place: Installation) -> None:
    """Several threads append all the while, as processes do; every line is there once."""
    number, stop = 400, threading.Event()

    def say(name: str) -> None:
        for at in range(number):
            write(place, name, f"{name} {at}")

    writers = [threading.Thread(target=say, args=(name,)) for name in ("web", "worker", "web")]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        archive.gather(place)
    stop.set()
    archive.gather(place)

    found = sorted(archived(place))
    expected = sorted([f"{name} {at}" for name in ("web", "web", "worker") for at in range(number)])
    assert found == expected


@pytest.mark.parametrize("after", range(1, 9))
def test_a_kill_at_any_point_loses_and_doubles_nothing(
    place: Installation, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Gathering stops at each of its steps in turn; whoever gathers next sets it right."""
    write(place, "web", *(f"line {at}" for at in range(50)))
    write(place, "worker", "other")
    steps = 0

    class Killed(BaseException):
        pass

    def counted(function):
        def step(*arguments, **named):
            nonlocal steps
            steps += 1
            if steps == after:
                raise Killed
            return function(*arguments, **named)

        return step

    with monkeypatch.context() as patch:
        for module, name in (
            (archive.files, "replace"),
            (archive.files, "sync_folder"),
            (archive.live, "blot"),
            (archive, "made"),
            (Path, "unlink"),
        ):
            patch.setattr(module, name, counted(getattr(module, name)))
        try:
            archive.gather(place)
        except Killed:
            assert steps == after
    assert sorted(messages(place)) == sorted([*(f"line {at}" for at in range(50)), "other"])
    archive.gather(place)
    assert sorted(archived(place)) == sorted([*(f"line {at}" for at in range(50)), "other"])


def test_a_blotting_that_was_interrupted_is_finished(place: Installation) -> None:
    write(place, "web", *("x" * 200 for _ in range(100)))
    log = place.logs / "web.log"
    before = log.read_bytes()
    archive.gather(place)
    (segment,) = segments(place.archive)
    log.write_bytes(bytes(100) + before[100:])
    about = log.stat()
    span = {"name": "web.log", "inode": about.st_ino, "start": 0, "stop": len(before), "digest": "0" * 64}
    (place.archive / ".intent.json").write_text(json.dumps({"segment": segment.name, "taken": [span]}))
    write(place, "web", "after")

    assert archive.gather(place) == 1
    assert archived(place).count("after") == 1
    assert len(archived(place)) == 101


KILLED = """
import os, sys
os.environ["SAFEHOLD_ROLE"] = "app"
import django
django.setup()
from dataclasses import replace
from pathlib import Path
from django.conf import settings
from safehold.kernel.installation import Installation
from safehold.operations.logs import archive
class Elsewhere(Installation):
    logs = property(lambda self: Path(sys.argv[1]) / "logs")
place = Elsewhere(**{name: getattr(settings.SAFEHOLD, name) for name in Installation.__dataclass_fields__})
place = replace(place, archive_folder=Path(sys.argv[1]) / "archive")
print("ready", flush=True)
while True:
    archive.gather(place)
"""


def test_killed_by_signal_while_others_write(place: Installation) -> None:
    """kill -9 on the process that gathers, over and over, while lines come in: each is there once."""
    count, root = 0, str(place.logs.parent)
    for turn in range(4):
        with subprocess.Popen([sys.executable, "-P", "-c", KILLED, root], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            for at in range(300):
                write(place, "web", f"turn {turn} line {at}")
                count += 1
            os.kill(child.pid, signal.SIGKILL)
    archive.gather(place)

    found = archived(place)
    assert len(found) == len(set(found)) == count


def test_old_segments_are_pruned_and_their_keys_are_gone(place: Installation) -> None:
    now = clock.now()
    write(place, "web", "old", at=now - timedelta(days=140))
    archive.gather(place)
    write(place, "web", "new")
    archive.gather(place)
    old, _ = segments(place.archive)
    kept = (place.archive / old.name).read_bytes()
    with scoped(PLATFORM_SCOPE) as scope:
        assert flows.prune_logs(scope=scope, now=now) == 1
    assert archived(place) == ["new"]
    assert strangers(place.archive) == []

    # A copy of the archive that somebody kept doesn't open any more: the month's key is gone.
    (place.archive / old.month).mkdir(exist_ok=True)
    (place.archive / old.name).write_bytes(kept)
    ring.cache.clear()
    with pytest.raises(Tampered):
        archive.lines_of(place, old)
    assert archived_new(place) == ["new"]


def archived_new(place: Installation) -> list[str]:
    newest = segments(place.archive)[-1]
    return [str(line["message"]) for line in archive.lines_of(place, newest)]


def test_pruning_leaves_an_event_and_what_is_young(place: Installation) -> None:
    write(place, "web", "young")
    archive.gather(place)
    now = clock.now()
    with scoped(PLATFORM_SCOPE) as scope:
        assert flows.prune_logs(scope=scope, now=now + timedelta(days=88)) == 0
    with scoped(PLATFORM_SCOPE) as scope:
        assert flows.prune_logs(scope=scope, now=now + timedelta(days=90)) == 1
    assert archived(place) == []


def test_files_that_nobody_gathers_are_kept_from_filling_the_disk(place: Installation) -> None:
    write(place, "web", *(f"{at:04} " + "x" * 1000 for at in range(500)))
    assert live.drop_too_much(place.logs, largest=200_000) == ["web.log"]
    assert live.drop_too_much(place.logs, largest=1_000_000) == []
    left = messages(place)
    assert 50 < len(left) < 200
    assert left[-1].startswith("0499")
    assert all(len(each) == 1005 for each in left)


def test_a_start_makes_finished_files_small_again(place: Installation) -> None:
    write(place, "web", "one")
    write(place, "commands", "one")
    (place.logs / "web.log.1").write_bytes(b"from an older release\n")
    archive.gather(place)
    write(place, "worker", "waits")
    live.start_afresh(place.logs)

    assert (place.logs / "web.log").stat().st_size == 0
    assert (place.logs / "commands.log").stat().st_size > 0
    assert not (place.logs / "web.log.1").exists()
    assert "from an older release" in archived(place)
    assert messages(place)[-1] == "waits"


def test_the_moment_of_a_line_without_one_is_that_of_the_line_before(place: Installation) -> None:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    write(place, "web", "one", at=at)
    with (place.logs / "web.log").open("ab") as file:
        file.write(b"no form at all\n")
    archive.gather(place)
    lines = [line for each in segments(place.archive) for line in archive.lines_of(place, each)]
    assert {line["at"] for line in lines} == {"2026-11-01T12:00:00.000+00:00"}
