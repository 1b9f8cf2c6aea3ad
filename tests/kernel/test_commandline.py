"""Commands in messages work when they are pasted: as the tool was called, quoted, with the home where it's another."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from safehold.kernel.commandline import pasteable


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of somebody who has `safehold` in it and nowhere else."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    tool = tmp_path / ".venv/bin/safehold"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.delenv("SAFEHOLD_HOME")
    monkeypatch.setattr(sys, "argv", [".venv/bin/safehold", "up"])
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_tool_is_named_as_it_was_called():
    assert pasteable("Start it: `safehold up`") == "Start it: .venv/bin/safehold up"
    assert pasteable("`safehold`") == ".venv/bin/safehold"


def test_the_plain_name_where_the_shell_finds_the_same_tool(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(folder / ".venv/bin"))
    assert pasteable("`safehold status`") == "safehold status"

    (folder / "elsewhere").mkdir()
    other = folder / "elsewhere/safehold"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "elsewhere"))
    assert pasteable("`safehold status`") == ".venv/bin/safehold status"


def test_a_call_through_python_names_the_script_beside_it(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["/src/safehold/__main__.py"])
    monkeypatch.setattr(sys, "executable", str(folder / ".venv/bin/python"))
    assert pasteable("`safehold up`") == f"{folder}/.venv/bin/safehold up"

    monkeypatch.setattr(sys, "executable", "/opt/my python/python3")
    assert pasteable("`safehold up`") == "'/opt/my python/python3' -m safehold up"


@pytest.mark.parametrize(
    ("home", "told"),
    [
        (".safehold", ""),
        ("{here}/.safehold", ""),
        ("{here}/my home", " --home 'my home'"),
        ("/srv/it's here", " --home '/srv/it'\"'\"'s here'"),
    ],
)
def test_another_home_than_this_folders_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, home: str, told: str):
    monkeypatch.setenv("SAFEHOLD_HOME", home.format(here=folder))
    shown = pasteable("`safehold demo code olga@nordhavn.example`")
    assert shown == f".venv/bin/safehold demo code olga@nordhavn.example{told}"
    assert len(shlex.split(shown)) == (6 if told else 4)
    assert pasteable("`safehold down --home DIR`").endswith("down --home DIR")
    assert pasteable("`safehold tenant --help`").endswith("tenant --help")


def test_nothing_else_is_touched():
    text = "`ls`, safehold up, 'safehold up' and `safeholder`"
    assert pasteable(text) == text
