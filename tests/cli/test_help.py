"""What commands take is told anywhere: without an installation, and without leaving one behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from safehold.cli.commands import COMMANDS


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody without an installation, in whose temporary folder nothing lies."""
    (tmp_path / "tmp").mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SAFEHOLD", "DJANGO"))}
    return clean | {"TMPDIR": str(tmp_path / "tmp"), "COLUMNS": "100"}


def run(where: dict[str, str], *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = ["-c", code] if code else ["-m", "safehold"]
    return subprocess.run(
        [sys.executable, "-P", *program, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=Path(where["TMPDIR"]).parent,
        env=where,
        check=False,
    )


# Every command and sub-command in one process that has no installation, since Django is slow to start.
ALL = """
import sys
from safehold.cli import main as cli
for line in sys.argv[1:]:
    try:
        cli.main(line.split())
        code = 0
    except SystemExit as done:
        code = done.code
    print("=>", line, code or 0)
"""


def lines() -> Iterator[str]:
    def inner(command: click.Command, path: str) -> Iterator[str]:
        yield path
        for name, each in getattr(command, "commands", {}).items():
            yield from inner(each, f"{path} {name}")

    for name, entry in COMMANDS.items():
        command = next(each for each in import_module(entry.module).COMMANDS if each.name == name)
        yield from inner(command, name)


def test_the_help_of_every_command_needs_no_installation(nowhere: dict[str, str], tmp_path: Path):
    asked = [f"{line} {option}" for line in lines() for option in ("--help", "--no-such-option")]
    done = run(nowhere, *asked, code=ALL)
    ended = {line.rpartition(" ")[0][3:]: line[-1] for line in done.stdout.splitlines() if line.startswith("=>")}
    assert ended == {line: "0" if line.endswith("--help") else "2" for line in asked}
    assert done.stderr.count("No such option '--no-such-option'") == len(asked) // 2
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp"]


def test_a_call_that_is_right_says_that_there_is_no_installation(nowhere: dict[str, str]):
    asked = ["tenant list", "staff list", "keys status", "prove", "demo make", "status", "down"]
    done = run(nowhere, *asked, code=ALL)
    assert [line[-1] for line in done.stdout.splitlines()] == ["1"] * len(asked)
    assert done.stderr.count("There is no installation") == len(asked)
    assert done.stderr.count("start one there: ") == len(asked)
    assert "Traceback" not in done.stderr


def test_unknown_names_are_answered_with_those_that_look_alike(nowhere: dict[str, str]):
    done = run(nowhere, "tenat", "tenant crate", code=ALL)
    assert [line[-1] for line in done.stdout.splitlines()] == ["2", "2"]
    assert "Did you mean 'tenant'?" in done.stderr
    assert "Did you mean 'create'?" in done.stderr


def test_alone_it_lists_the_commands_without_loading_any(nowhere: dict[str, str]):
    code = "import sys; from safehold.cli.main import main\ntry: main([])\nfinally: print('django' in sys.modules)"
    done = run(nowhere, code=code)
    assert done.returncode == 2
    assert done.stdout == "False\n"
    assert run(nowhere, "--help").stdout == done.stderr
    listed = [line.split()[0] for line in done.stderr.splitlines() if line.startswith("  ") and line.strip()]
    assert [name for name in listed if name in COMMANDS] == [name for name in COMMANDS if name != "run"]


def test_the_shell_can_ask_what_follows(nowhere: dict[str, str]):
    asks = {"_SAFEHOLD_COMPLETE": "bash_complete", "COMP_WORDS": "safehold tenant cr", "COMP_CWORD": "2"}
    assert run(nowhere | asks).stdout == "plain,create\n"
    assert "complete" in run(nowhere | {"_SAFEHOLD_COMPLETE": "bash_source"}).stdout
