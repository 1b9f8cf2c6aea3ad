"""What no room foresaw is a line in our words; the traceback is in the log alone."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import psycopg
import pytest
from django.db import utils

from safehold.cli.trouble import in_our_words
from safehold.kernel.errors import NotFound, SafeholdError, Unavailable


def told(error: BaseException) -> SafeholdError:
    with pytest.raises(SafeholdError) as found, in_our_words():
        raise error
    return found.value


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "logs").mkdir()
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path))
    return tmp_path


def from_django(cause: psycopg.Error) -> utils.Error:
    error = utils.OperationalError("connection to server on socket failed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("no such socket"),
        psycopg.errors.AdminShutdown("terminating connection"),
        from_django(psycopg.OperationalError("no such socket")),
    ],
)
def test_a_database_that_is_away_is_said_to_be_away(error: Exception):
    found = told(error)
    assert isinstance(found, Unavailable)
    assert "can't be reached" in found.message
    assert found.hint == "Start it: `safehold up`"


def test_other_errors_of_the_database_are_told_apart():
    assert "too long" in told(from_django(psycopg.errors.QueryCanceled("statement timeout"))).message
    assert "full" in told(psycopg.errors.DiskFull("no space")).message


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "/srv/x can't be read or written by"),
        (errno.ENOSPC, "The disk that holds /srv/x is full"),
        (errno.ENOENT, "isn't there"),
        (errno.EISDIR, "/srv/x can't be used: is a directory"),
    ],
)
def test_a_file_is_named_with_what_is_the_matter(number: int, said: str):
    found = told(OSError(number, os.strerror(number), "/srv/x"))
    assert said in found.message
    assert found.hint


def test_a_full_disk_without_a_name_is_told_too():
    assert told(OSError(errno.ENOSPC, "x")).message == "The disk is full."


@pytest.mark.parametrize(
    "error", [RuntimeError("the salary of Olga"), psycopg.errors.UniqueViolation("the salary of Olga"), OSError("Olga")]
)
def test_a_mistake_of_ours_is_a_line_and_its_traceback_is_in_the_log_alone(home: Path, error: Exception):
    found = told(error)
    log = home / "logs" / "commands.log"
    assert type(error).__name__ in found.message
    assert "Olga" not in found.message + found.hint
    assert found.hint.startswith(f"Its details are in {log} for some minutes; then: `safehold logs --reference ")
    assert "Olga" in json.loads(log.read_text().splitlines()[-1])["error"]
    assert log.stat().st_mode & 0o077 == 0


def test_without_a_log_it_says_so(home: Path):
    (home / "logs").rmdir()
    assert "couldn't be kept" in told(RuntimeError("x")).hint


def test_what_is_meant_for_people_goes_on_its_way():
    assert told(NotFound("There is no cake.")).message == "There is no cake."
