from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from safehold.kernel.installation import Installation
from safehold.operations.account import Account, current_account, service_account
from safehold.operations.errors import Running, StartProblem
from safehold.operations.ownership import give_back
from safehold.operations.processes import worker
from safehold.operations.processes.logs import messages, note
from safehold.operations.processes.orphans import MARK, end_orphans
from safehold.operations.processes.records import Entry, State, hold, is_held, read_state, write_state
from safehold.operations.processes.service import Service
from safehold.operations.processes.spawn import spawn
from safehold.operations.processes.start import port_problem
from safehold.operations.processes.wake import Wake
from support import homes
from support.installations import eventually
from support.jobs import queue_connector

PARENT = """
import signal, sys, time
from pathlib import Path
from safehold.operations.account import current_account
from safehold.operations.processes.spawn import spawn
child = spawn(["/bin/sleep", "60"], account=current_account(), log=Path(sys.argv[1]), on_parent_death=signal.SIGKILL)
print(child.pid, flush=True)
time.sleep(60)
"""

HOLDER = """
import sys, time
from pathlib import Path
from safehold.operations.processes.records import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def run_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    with run_python(PARENT, str(tmp_path / "log")) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        eventually(lambda: "sleep" in psutil.Process(child).name(), 10)
        parent.kill()

    eventually(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE, 10)


def test_a_child_has_a_session_and_an_environment_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "do not pass on")
    child = spawn(["/bin/sleep", "60"], account=current_account(), log=tmp_path / "log", environment={"GIVEN": "1"})
    eventually(lambda: "sleep" in psutil.Process(child.pid).name(), 10)
    environment = psutil.Process(child.pid).environ()
    child.kill()

    assert os.getsid(0) != child.pid
    assert environment["GIVEN"] == "1"
    assert "SECRET_OF_THE_SHELL" not in environment
    child.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_root_gives_up_all_of_its_rights(tmp_path: Path) -> None:
    account = service_account(tmp_path)
    log = tmp_path / "log"
    assert spawn(["/bin/sh", "-c", "id -u; id -g; id -G"], account=account, log=log).wait() == 0

    assert log.read_text().split() == [str(account.uid), str(account.gid), str(account.gid)]


def test_a_log_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic links"):
        spawn(["/bin/true"], account=current_account(), log=tmp_path / "log")
    assert not (tmp_path / "elsewhere").exists()


def test_orphans_are_known_by_their_mark(tmp_path: Path) -> None:
    account, log = current_account(), tmp_path / "log"
    ours = {"SAFEHOLD_HOME": str(tmp_path), MARK: "web"}
    left = spawn(["/bin/sleep", "60"], account=account, log=log, environment=ours)
    other = spawn(["/bin/sleep", "60"], account=account, log=log, environment=ours | {"SAFEHOLD_HOME": "/elsewhere"})
    unmarked = spawn(["/bin/sleep", "60"], account=account, log=log, environment={"SAFEHOLD_HOME": str(tmp_path)})
    eventually(lambda: all("sleep" in psutil.Process(one.pid).name() for one in (left, other, unmarked)), 10)

    assert end_orphans(tmp_path) == 1

    assert left.poll() is not None
    for innocent in (other, unmarked):
        assert innocent.poll() is None
        innocent.kill()
        innocent.wait()


def test_one_supervisor_at_a_time_and_no_stale_lock(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert not is_held(tmp_path)
    with run_python(HOLDER, str(tmp_path)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert is_held(tmp_path)
        with pytest.raises(Running), hold(tmp_path, patience=0):
            pass
        holder.kill()

    with hold(tmp_path):
        assert is_held(tmp_path)


def test_the_state_is_read_as_it_was_written_and_bad_files_are_no_state(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    state = State("running", "https://localhost:1", 7, 1.5, processes=[Entry("web", 8, 2.5, "running", 1)])
    write_state(tmp_path, state)

    assert read_state(tmp_path) == state
    for bad in (b"", b"[]", b'{"processes": [{"nonsense": 1}]}'):
        (tmp_path / "run" / "state.json").write_bytes(bad)
        assert read_state(tmp_path) == State()


def test_a_note_is_one_line_whatever_it_says(tmp_path: Path) -> None:
    note(tmp_path, "warning", 'two\nlines and a "quote"')

    assert (tmp_path / "supervisor.log").read_text().count("\n") == 1
    assert messages((tmp_path / "supervisor.log").read_text()) == ['two\nlines and a "quote"']


def test_last_words_are_those_of_a_line_of_ours_or_of_its_error() -> None:
    said = (
        '{"message":"it began"}\nplain words\n{"message":"it ended","error":"Traceback\\n  x\\nValueError: bad"}\n[1]\n'
    )

    assert messages(said) == ["it began", "plain words", "ValueError: bad", "[1]"]


@dataclass(slots=True)
class Falling(Service):
    """Ends as soon as it's looked at, or doesn't start at all."""

    starts: bool = True

    def _start(self) -> subprocess.Popen[bytes]:
        if not self.starts:
            raise StartProblem("no")
        process = subprocess.Popen(["/bin/true"])
        process.wait()
        return process

    def _ended(self) -> int | None:
        return 1


def test_a_falling_process_is_tried_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    service = Falling("web")
    service.start()
    waits = []
    for _ in range(9):
        assert "starting it again" in service.check()
        before = clock[0]
        while not service.check():
            clock[0] += 0.25
        waits.append(clock[0] - before)

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert service.entry.restarts == 9


def test_one_that_does_not_start_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    service = Falling("database")
    service.start()
    service.check()
    service.starts = False
    clock[0] += 0.5
    with pytest.raises(StartProblem):
        service.check()

    assert service.check() == ""
    assert service.entry.state == "restarting"
    service.starts = True
    clock[0] += 1
    assert service.check() == "database runs again"


def test_a_signal_wakes_the_wait_and_is_remembered() -> None:
    with Wake() as wake:
        os.kill(os.getpid(), signal.SIGTERM)
        began = time.monotonic()
        wake.wait(30)
        assert time.monotonic() - began < 5
        assert wake.asked == signal.SIGTERM


def test_a_port_that_only_root_may_use_is_told_from_a_taken_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "can't be used" in port_problem("203.0.113.7", 8443)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_made_in_a_home_is_given_back() -> None:
    made = homes.make_home()
    try:
        account = service_account(made.home)
        account.own_all(made.secrets)
        (made.keys / "fresh").write_text("made by root")

        give_back(made.home)

        assert (made.keys / "fresh").stat().st_uid == account.uid
        assert made.logs.stat().st_uid == 0
    finally:
        homes.remove_home(made.home)


def test_an_account_says_what_it_may(tmp_path: Path) -> None:
    nobody = Account("nobody", 65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    assert current_account().may("x", closed)
    assert not nobody.may("x", closed)


def test_what_a_killed_worker_was_at_is_done_again(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.jobs import Status

    monkeypatch.setattr(worker, "_DEAD_AFTER", -1.0)
    queue = f"test-{time.time_ns()}"

    async def rescued() -> tuple[int | None, int | None]:
        with app.replace_connector(queue_connector()) as working:
            async with working.open_async():
                dead = await working.job_manager.register_worker()
                await working.configure_task("test.nothing", queue=queue, allow_unknown=True).defer_async()
                first = await working.job_manager.fetch_job(queues=[queue], worker_id=dead)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(worker._rescue(working), 1)
                alive = await working.job_manager.register_worker()
                again = await working.job_manager.fetch_job(queues=[queue], worker_id=alive)
                if again is not None and again.id is not None:
                    await working.job_manager.finish_job_by_id_async(again.id, Status.SUCCEEDED, delete_job=True)
                return first and first.id, again and again.id

    first, again = asyncio.run(rescued())
    assert first is not None
    assert again == first
