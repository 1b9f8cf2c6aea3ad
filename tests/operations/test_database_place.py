from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from safehold.operations.account import Account, service_account
from safehold.operations.database import programs
from safehold.operations.database.place import Place, place_of, prepare_place
from safehold.operations.errors import DatabaseProblem, StartProblem
from safehold.operations.installation import SUPERUSER_PASSWORD, create
from support import homes

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that root alone may enter; what is kept apart from it goes to a folder of the test's own."""
    folder = Path(tempfile.mkdtemp(prefix="safehold-locked-"))
    state = Path(tempfile.mkdtemp(prefix="safehold-state-"))
    state.chmod(0o755)
    monkeypatch.setenv("SAFEHOLD_STATE", str(state))
    yield folder
    shutil.rmtree(folder)
    shutil.rmtree(state)


def test_a_deep_home_gets_a_short_socket_folder_of_its_own() -> None:
    deep = Place(Path("/" + "deep/" * 30))
    deeper = Place(Path("/" + "deep/" * 31))

    assert len(str(deep.sockets / ".s.PGSQL.5432.lock")) <= 100
    assert deep.sockets != deeper.sockets


def test_an_ordinary_home_keeps_its_socket_inside() -> None:
    assert Place(Path("/srv/safehold/postgres")).sockets == Path("/srv/safehold/postgres/run")


def test_a_short_folder_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    stranger = Account("stranger", 54321, 54321)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    planted = tmp_path / "planted"
    planted.symlink_to(elsewhere)

    with pytest.raises(StartProblem, match="belongs to"):
        stranger.make_private(planted)
    assert elsewhere.stat().st_mode & 0o777 == 0o755


@as_root
def test_root_in_a_home_that_the_service_account_cannot_enter(locked: Path) -> None:
    installation = create(locked / "home", {"environment": "test"})

    with homes.server_for(installation) as server:
        assert server.account.uid != 0
        assert (locked / "home" / "postgres").is_symlink()
        assert server.place.folder.parent == programs.shared_folder()
        assert server.place.folder.stat().st_mode & 0o777 == 0o700
        password = installation.secret(SUPERUSER_PASSWORD).decode()
        with psycopg.connect(
            host=str(place_of(locked / "home").sockets), user="postgres", password=password
        ) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


@as_root
def test_a_link_to_data_that_is_gone_is_an_error(locked: Path) -> None:
    home = create(locked / "home", {"environment": "test"}).home
    (home / "postgres").symlink_to(locked / "gone")

    with pytest.raises(DatabaseProblem, match="which is gone"):
        prepare_place(home, service_account(home))


@as_root
def test_programs_that_the_service_account_cannot_reach_are_copied_once(locked: Path) -> None:
    wheel = programs._wheel_folder().parent.parent
    shutil.copytree(wheel, locked / wheel.name, symlinks=True)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), locked / f"{wheel.name}.libs")
    account = service_account(locked / "home")

    first = programs.find_programs(locked / wheel.name / "pginstall" / "bin", account)
    made = first.folder.stat().st_ctime_ns
    again = programs.find_programs(locked / wheel.name / "pginstall" / "bin", account)

    assert first.folder.is_relative_to(programs.shared_folder())
    assert account.runs([first.path("initdb"), "--version"])
    assert not account.may("w", first.folder / "postgres")
    assert again.folder.stat().st_ctime_ns == made


def test_a_folder_without_server_programs_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="has no program postgres or initdb"):
        programs.find_programs(tmp_path, service_account(tmp_path))


def test_an_old_server_is_refused(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="safehold-old-"))
    folder.chmod(0o755)
    for name in ("postgres", "initdb"):
        (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (folder / name).chmod(0o755)
    try:
        with pytest.raises(DatabaseProblem, match="too old"):
            programs.find_programs(folder, service_account(folder))
    finally:
        shutil.rmtree(folder)
