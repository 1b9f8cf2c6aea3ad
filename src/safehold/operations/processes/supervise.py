"""The supervisor in the background, started by `safehold up --detach`."""

from __future__ import annotations

import os

from safehold.operations.files import replace
from safehold.operations.installation import default_home
from safehold.operations.processes.manage import run_here
from safehold.operations.processes.records import State

__all__ = ["run"]


def run() -> None:
    """Supervise until told to stop; what there is to say goes to the state file, the log and who started this."""
    run_here(default_home(), {}, _quiet, _leave_welcome, demo=bool(os.environ.get("SAFEHOLD_DEMO")))


def _quiet(what: str) -> None:
    """Nobody listens."""


def _leave_welcome(state: State, welcome: str) -> None:
    replace(default_home() / "run" / "welcome", welcome.encode())
