"""The supervisor in the background, started by `safehold up --detach`."""

from __future__ import annotations

import os

from safehold.operations.installation import default_home
from safehold.operations.processes.manage import run_here

__all__ = ["run"]


def run() -> None:
    """Supervise until told to stop; what there is to say goes to the state file and the log."""
    run_here(default_home(), {}, _quiet, _quiet, demo=bool(os.environ.get("SAFEHOLD_DEMO")))


def _quiet(what: object) -> None:
    """Nobody listens."""
