"""What the supervisor outlives."""

from __future__ import annotations

from pathlib import Path

import pytest

from safehold.operations.errors import StartProblem
from safehold.operations.installation import create
from safehold.operations.processes.records import read_state
from safehold.operations.processes.supervisor import Supervisor


def test_a_home_that_takes_nothing_more_ends_a_start_but_nothing_that_runs(tmp_path: Path):
    home = tmp_path / "home"
    supervisor = Supervisor(create(home), print, lambda *_: None)
    (home / "run").rename(home / "away")
    with pytest.raises(StartProblem, match="can't be written in: No such file"):
        supervisor._write()

    supervisor.state.state = "running"
    supervisor._write()
    assert supervisor._untold
    (home / "away").rename(home / "run")
    supervisor._write()
    assert not supervisor._untold
    assert read_state(home).state == "running"
