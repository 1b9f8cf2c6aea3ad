"""The command line: what it says, what it exits with, and that it never shows a traceback for a wrong input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from safehold.cli import main as cli
from safehold.cli.commands import COMMANDS
from safehold.kernel.installation import Installation

ROOT = Path(__file__).parents[2]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        cli.main(list(arguments))
        code = 0
    except SystemExit as done:
        code = int(done.code or 0)
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_help_lists_every_command_and_hides_the_inner_one(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for name in COMMANDS:
        assert (re.search(rf"^  {name}\b", out, re.MULTILINE) is not None) == (name != "run")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "run"])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], name: str):
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert "Usage" in out


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, "fly")
    assert code == 2
    assert "No such command" in err


def test_no_installation_says_what_to_do(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "safehold", "prove", "--home", tmp_path / "none"],
        capture_output=True,
        text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith(("SAFEHOLD", "DJANGO"))},
        check=False,
    )
    assert done.returncode == 1
    assert "There is no installation" in done.stderr
    assert "safehold up" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["--home", "/a", "prove"], ["prove", "--home", "/a"], ["prove", "--home=/a"]])
def test_home_may_stand_anywhere(monkeypatch: pytest.MonkeyPatch, arguments: list[str]):
    monkeypatch.setenv("SAFEHOLD_HOME", "/before")
    assert cli.take_home(arguments) == ["prove"]
    assert os.environ["SAFEHOLD_HOME"] == "/a"


def test_a_home_without_a_folder_is_refused(capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, "prove", "--home")
    assert code == 2
    assert "--home needs a folder" in err


@pytest.mark.database
@pytest.mark.usefixtures("installation")
def test_prove_prints_what_was_found(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "prove", "ppl", "--json")
    found = json.loads(out)
    assert code == 0
    assert [row["id"] for row in found["promises"]] == [f"PPL-{number}" for number in range(1, 7)]
    assert set(found["promises"][0]) == {"id", "result", "summary", "evidence", "seconds"}


# A room whose check fails in a way that nobody foresaw, in a process of its own: what a person at a terminal sees.
CRASHING = """
import sys
from dataclasses import replace
from safehold.cli import main as cli
from safehold.cli.commands import COMMANDS

def set_up_django(ready=cli.set_up_django):
    wrong = ready()
    from safehold.foundation.scope import promises
    def crash(probe):
        raise RuntimeError("the salary of Olga")
    promises.CHECKS = tuple(replace(check, run=crash) for check in promises.CHECKS)
    return wrong

cli.set_up_django = set_up_django
cli.main(sys.argv[1:])
"""


@pytest.mark.database
def test_a_check_that_crashes_is_a_line_and_its_traceback_is_in_the_log_alone(installation: Installation):
    done = subprocess.run(
        [sys.executable, "-P", "-c", CRASHING, "prove", "ISO-2", "--home", installation.home],
        capture_output=True,
        text=True,
        check=False,
    )
    log = installation.logs / "commands.log"
    assert done.returncode == 1
    assert re.match(r"ISO-2 +broken +This could not be checked: forced-policies stopped \(RuntimeError\)", done.stdout)
    assert f"details are in {log}" in done.stdout
    assert done.stderr == ""
    assert "Olga" not in done.stdout
    assert "the salary of Olga" in json.loads(log.read_text().splitlines()[-1])["error"]


@pytest.mark.database
@pytest.mark.usefixtures("installation")
def test_prove_names_a_promise_that_does_not_exist(capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, "prove", "XYZ-1")
    assert code == 1
    assert "XYZ-1" in err
    assert "an area such as ISO" in err


@pytest.mark.database
@pytest.mark.usefixtures("installation")
def test_bench_names_what_it_knows(capsys: pytest.CaptureFixture[str]):
    code, _, err = run(capsys, "bench", "nothing")
    assert code == 1
    assert "isolation" in err
