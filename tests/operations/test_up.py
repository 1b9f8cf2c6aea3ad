"""Whole installations: up, kill -9 of each process, down. Slow, so each test does a whole round."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from safehold.operations.installation import create, load
from support.installations import Runner, eventually, home_for_up

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with home_for_up() as made:
        yield made


@pytest.fixture
def running(runner: Runner) -> Runner:
    """The module's installation, up: a test before may have left it down."""
    if runner.status()["state"] != "running":
        done = runner.up()
        assert done.returncode == 0, done.stderr
        assert f"Safehold runs at https://localhost:{runner.port}" in done.stdout
    return runner


def owner(runner: Runner) -> psycopg.Connection[tuple[object, ...]]:
    login = load(runner.home).login("owner")
    return psycopg.connect(
        host=login.host, dbname=login.name, user=login.user, password=login.password, autocommit=True
    )


def keep_a_row(runner: Runner, number: int) -> None:
    """Something acknowledged, that has to be there after whatever comes."""
    with owner(runner) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS kept (n int PRIMARY KEY); "
            "ALTER TABLE kept ENABLE ROW LEVEL SECURITY; ALTER TABLE kept FORCE ROW LEVEL SECURITY; "
            "DROP POLICY IF EXISTS all_rows ON kept; CREATE POLICY all_rows ON kept TO safehold_owner USING (true)"
        )
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(runner: Runner) -> list[int]:
    with owner(runner) as connection:
        return [int(str(row[0])) for row in connection.execute("SELECT n FROM kept ORDER BY n")]


def test_it_answers_and_tells_what_runs(running: Runner) -> None:
    done = running.safehold("status", "--json")
    assert done.returncode == 0, done.stderr
    status = json.loads(done.stdout)
    states = {row["name"]: row["state"] for row in status["processes"]}

    assert status["url"] == f"https://localhost:{running.port}"
    assert states == dict.fromkeys(
        ("supervisor", "database", "web", "worker", "sealer", "archivist", "redirect"), "running"
    )
    assert status["database"]["version"]
    eventually(running.answers, seconds=30)  # its workers may be on their way back from a test before
    with socket.create_connection(("127.0.0.1", running.port + 1)) as plain:
        plain.sendall(b"GET /trust/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert f"Location: https://localhost:{running.port}/trust/\r\n".encode() in plain.recv(4096)


def test_a_second_up_says_so_and_succeeds(running: Runner) -> None:
    before = running.pid("supervisor")

    done = running.up()

    assert done.returncode == 0
    assert done.stdout == f"Safehold already runs at https://localhost:{running.port}\n"
    assert running.pid("supervisor") == before


def test_a_second_up_with_another_port_says_that_nothing_moved(running: Runner) -> None:
    before = running.pid("supervisor")

    done = running.safehold("up", "--detach", "--port", "9")

    assert done.returncode == 1
    assert f"already runs at https://localhost:{running.port}. It wasn't moved to port 9." in done.stderr
    assert f"safehold down --home '{running.home}' && " in done.stderr
    assert f"safehold up --port 9 --home '{running.home}'" in done.stderr
    assert running.pid("supervisor") == before


def test_a_stopped_database_is_a_line_for_every_command(running: Runner) -> None:
    running.safehold("down")

    for asked in ("tenant list", "prove ISO-1", "bench isolation", "bench audit", "audit checkpoint", "keys status"):
        done = running.safehold(*asked.split())
        assert done.returncode == 1, asked
        assert "safehold: The database of this installation can't be reached." in done.stderr, asked
        assert f"safehold up --home '{running.home}'" in done.stderr, asked
        assert "Traceback" not in done.stderr, asked


def test_each_process_is_started_again_after_kill_9(running: Runner) -> None:
    for number, name in enumerate(("web", "worker", "sealer", "archivist", "redirect", "database")):
        keep_a_row(running, number)
        killed = running.pid(name)
        os.kill(killed, signal.SIGKILL)

        def lives_again(name: str = name, killed: int = killed) -> bool:
            row = next(row for row in running.status()["processes"] if row["name"] == name)
            return row["state"] == "running" and row["pid"] not in {None, killed}

        eventually(lives_again)

    assert {0, 1, 2, 3, 4} <= set(kept(running))
    made = running.safehold("tenant", "create", "Acme", "--slug", "acme")
    assert made.returncode == 0, made.stderr
    eventually(lambda: running.safehold("audit", "checkpoint", "acme").returncode == 0)  # the sealer came back too
    eventually(running.answers)
    eventually(lambda: all(row["state"] == "running" for row in running.status()["processes"]))


def test_after_kill_9_of_the_supervisor_the_next_up_just_works(running: Runner) -> None:
    keep_a_row(running, 100)
    before = {process.pid for process in running.processes()}
    os.kill(running.pid("supervisor"), signal.SIGKILL)

    done = running.up()

    assert done.returncode == 0, done.stderr
    assert 100 in kept(running)
    assert running.answers()
    assert not before & {process.pid for process in running.processes()}


def test_after_kill_9_of_everything_the_next_up_just_works(running: Runner) -> None:
    keep_a_row(running, 200)
    for process in running.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()

    done = running.up()

    assert done.returncode == 0, done.stderr
    assert 200 in kept(running)
    assert running.answers()


def test_down_leaves_nothing_and_says_when_there_was_nothing(running: Runner) -> None:
    assert running.safehold("down").stdout == "Stopped.\n"
    assert running.processes() == []
    assert running.status()["processes"] == []
    assert running.status()["url"] is None
    assert running.safehold("down").stdout == "Nothing was running.\n"


def test_a_taken_port_says_so_and_leaves_nothing() -> None:
    with home_for_up() as runner, socket.socket() as taker:
        taker.bind(("127.0.0.1", runner.port))
        taker.listen()

        done = runner.up()

        assert done.returncode == 1
        assert f"Port {runner.port} on 127.0.0.1 is taken by another program." in done.stderr
        assert "--port N" in done.stderr
        assert runner.processes() == []
        assert runner.safehold("status", "--json").returncode == 0


def test_bad_settings_stop_it_with_a_clear_error() -> None:
    with home_for_up() as runner:
        create(runner.home)
        (runner.home / "settings.toml").write_text('port = "a lot"')

        done = runner.up()

        assert done.returncode == 1
        assert "port: expected a whole number, found text in quotes" in done.stderr
        assert "Traceback" not in done.stderr


def test_somebody_elses_file_as_home_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    done = Runner(tmp_path / "home").up()

    assert done.returncode == 1
    assert "isn't a folder" in done.stderr
