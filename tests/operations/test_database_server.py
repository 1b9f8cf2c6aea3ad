from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from safehold.kernel.installation import Installation
from safehold.operations.database.config import arguments
from safehold.operations.database.place import prepare_place
from safehold.operations.database.server import Server
from safehold.operations.errors import DatabaseProblem
from safehold.operations.installation import SUPERUSER_PASSWORD, create
from safehold.operations.processes.spawn import spawn
from support import homes


@pytest.fixture(scope="module")
def made() -> Iterator[Installation]:
    installation = homes.make_home()
    homes.server_for(installation)
    yield installation
    homes.remove_home(installation.home)


@pytest.fixture
def server(made: Installation) -> Iterator[Server]:
    server = homes.server_for(made)
    yield server
    server.stop()


def connect(installation: Installation) -> psycopg.Connection[tuple[object, ...]]:
    password = installation.secret(SUPERUSER_PASSWORD).decode()
    return psycopg.connect(host=installation.database_host, user="postgres", password=password, autocommit=True)


def test_it_speaks_over_its_socket_only(made: Installation, server: Server) -> None:
    started = server.start()

    everybody = [psutil.Process(started.pid), *psutil.Process(started.pid).children()]
    assert not [one for process in everybody for one in process.net_connections("inet")]
    assert stat.S_IMODE(server.place.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.place.data.stat().st_mode) == 0o700
    if os.geteuid() == 0:
        assert {process.uids().real for process in everybody} == {server.account.uid}


def test_no_password_no_entry(made: Installation, server: Server) -> None:
    server.start()

    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=made.database_host, user="postgres", passfile="/dev/null")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(host=made.database_host, user="postgres", password="guess")


def test_the_password_is_in_no_command_line_or_environment(made: Installation, server: Server) -> None:
    started = server.start()
    password = made.secret(SUPERUSER_PASSWORD).decode()

    for process in [psutil.Process(started.pid), *psutil.Process(started.pid).children()]:
        assert password not in " ".join(process.cmdline())
        assert password not in str(process.environ())
    assert not list(server.place.folder.glob("password.*"))


def test_it_is_set_up_as_promised(made: Installation, server: Server) -> None:
    server.start()

    with connect(made) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("data_checksums", "server_encoding", "listen_addresses", "password_encryption", "fsync")
        }
        rules = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
        collation = connection.execute("SELECT datcollate FROM pg_database WHERE datname = 'postgres'").fetchone()
    assert shown == {
        "data_checksums": ("on",),
        "server_encoding": ("UTF8",),
        "listen_addresses": ("",),
        "password_encryption": ("scram-sha-256",),
        "fsync": ("on",),
    }
    assert rules == [("local", "scram-sha-256")]
    assert collation == ("C",)


def test_what_was_committed_survives_kill_9(made: Installation, server: Server) -> None:
    started = server.start()
    with connect(made) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    busy = connect(made)  # its backend outlives the postmaster for a moment and holds its memory
    started.send_signal(signal.SIGKILL)
    started.wait()

    server.start()

    busy.close()
    with connect(made) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_pid_file_that_means_somebody_else_is_no_obstacle(made: Installation, server: Server) -> None:
    pid_file = server.place.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{server.place.data}\n1\n5432\n{server.place.sockets}\n\n  1 1\nready   \n")
    server.account.own(pid_file)

    server.start()

    assert "ready" in pid_file.read_text()


def test_a_server_that_an_earlier_run_left_is_stopped_first(made: Installation, server: Server) -> None:
    left = homes.server_for(made)
    process = left.start()

    fresh = server.start()

    assert process.wait(5) == 0
    assert fresh.pid != process.pid


def test_another_servers_data_is_refused_by_name(made: Installation, server: Server) -> None:
    version = server.place.data / "PG_VERSION"
    before = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(DatabaseProblem, match="was written by PostgreSQL 14"):
            server.start()
    finally:
        version.write_text(before)


def test_a_taken_socket_says_so(made: Installation, server: Server) -> None:
    other = homes.make_home()
    try:
        intruder = homes.server_for(other)
        command = [intruder.programs.path("postgres"), *arguments(intruder.place.data, server.place.sockets, 5432)]
        process = spawn(command, account=intruder.account, log=intruder.log)
        while not (server.place.sockets / ".s.PGSQL.5432").exists():
            assert process.poll() is None
            time.sleep(0.02)

        with pytest.raises(DatabaseProblem, match="is taken by another server"):
            server.start()

        process.send_signal(signal.SIGINT)
        process.wait(30)
    finally:
        homes.remove_home(other.home)


def test_a_socket_lock_with_a_ghosts_number_is_no_obstacle(made: Installation, server: Server) -> None:
    lock = server.place.sockets / ".s.PGSQL.5432.lock"
    lock.write_text(f"{os.getpid()}\n/elsewhere\n1\n5432\n{server.place.sockets}\n")
    server.account.own(lock)

    assert server.start().poll() is None


def test_a_half_made_cluster_does_not_count(made: Installation) -> None:
    fresh = homes.make_home()
    try:
        account = homes.service_account(fresh.home)
        place = prepare_place(fresh.home, account)
        (place.folder / "data.new" / "base").mkdir(parents=True)

        server = homes.server_for(fresh)

        assert not (place.folder / "data.new").exists()
        assert not server.place.is_new
    finally:
        homes.remove_home(fresh.home)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 160 MB of its own."""
    folder = Path(tempfile.mkdtemp(prefix="safehold-disk-"))
    mount = ["/usr/bin/mount", "-t", "tmpfs", "-o", "size=160m,mode=0755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("mounting isn't allowed here")
    yield folder
    subprocess.run(["/usr/bin/umount", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk_says_so_and_loses_nothing(small_disk: Path) -> None:
    installation = create(small_disk / "home", {"environment": "test"})
    server = homes.server_for(installation)
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
                file.flush()
        except OSError:
            pass

    with pytest.raises(DatabaseProblem, match="is full"):
        server.start()

    filler.unlink()
    with server, connect(installation) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_too_small_a_disk_is_told_before_anything_is_made(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(100 * 1024 * 1024))
    installation = create(small_disk / "home", {"environment": "test"})

    with pytest.raises(DatabaseProblem, match="MB are free"):
        homes.server_for(installation)
    shutil.rmtree(installation.home)
