"""Starting and stopping an installation from the outside: in the foreground, in the background, down."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from safehold.operations.account import current_account
from safehold.operations.database import leftovers
from safehold.operations.database.place import place_of
from safehold.operations.database.symptoms import tail
from safehold.operations.errors import Running, StartProblem
from safehold.operations.installation import create
from safehold.operations.processes.logs import messages
from safehold.operations.processes.orphans import MARK, end_orphans
from safehold.operations.processes.records import State, alive, hold, is_held, read_state
from safehold.operations.processes.spawn import spawn
from safehold.operations.processes.supervisor import Say, Supervisor, Tell

__all__ = ["bring_down", "run_here", "running_state", "start_apart"]

_STARTS = 600.0
_STOPS = 180.0


def running_state(home: Path, patience: float = _STARTS) -> State | None:
    """The state of a supervisor that holds this home now, once it has started; None where none does."""
    deadline = time.monotonic() + patience
    while is_held(home):
        state = read_state(home)
        if state.state == "running" and alive(state.supervisor, state.started):
            return state
        if time.monotonic() > deadline:
            raise Running(f"An installation is still {state.state} in {home}.")
        time.sleep(0.1)
    return None


def run_here(home: Path, settings: dict[str, object], say: Say, tell: Tell, *, demo: bool) -> None:
    """Be the supervisor until told to stop. `tell` is called once everything runs."""
    installation = create(home, settings)
    with hold(home):
        Supervisor(installation, say, tell, demo=demo).run()


def start_apart(home: Path, settings: dict[str, object], *, demo: bool) -> tuple[State, str]:
    """Start a supervisor that outlives this process; once everything runs, return its state and its welcome."""
    create(home, settings)
    log = home / "logs" / "supervisor.log"
    command = [sys.executable, "-P", "-m", "safehold.operations.processes", "supervise"]
    environment = {name: value for name, value in os.environ.items() if name.startswith("SAFEHOLD_") and name != MARK}
    environment |= {"SAFEHOLD_HOME": str(home), "SAFEHOLD_DEMO": "1" if demo else ""}
    child = spawn(command, account=current_account(), log=log, environment=environment)
    deadline = time.monotonic() + _STARTS
    while time.monotonic() < deadline:
        state = read_state(home)
        mine = state.supervisor == child.pid
        if mine and state.state == "running":
            return state, _welcome(home)
        if child.poll() is not None:
            if (other := running_state(home)) is not None:
                return other, ""
            raise _why(state if mine else State(), log)
        time.sleep(0.1)
    child.terminate()
    raise StartProblem(f"The installation didn't start within {_STARTS:.0f} seconds.", hint=f"See {log}.")


def bring_down(home: Path) -> bool:
    """Stop everything of this home, however it was started. False where nothing ran."""
    state = read_state(home)
    ran = is_held(home)
    deadline = time.monotonic() + _STOPS
    if ran and alive(state.supervisor, state.started):
        os.kill(state.supervisor, signal.SIGTERM)
    while is_held(home):
        if time.monotonic() > deadline:
            raise StartProblem(f"The supervisor (process {state.supervisor}) doesn't stop.", hint="See logs/.")
        time.sleep(0.05)
    # The lock goes first, and its holder a moment later: who reads "Stopped." finds nothing running any more.
    while alive(state.supervisor, state.started) and time.monotonic() < deadline:
        time.sleep(0.02)
    ran = end_orphans(home) > 0 or ran
    if (home / "postgres").exists() and leftovers.stop_leftover(place_of(home)):
        ran = True
    return ran


def _welcome(home: Path) -> str:
    """What the supervisor left for us alone; it may hold the demo's passwords, so it's gone once it's read."""
    path = home / "run" / "welcome"
    text = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    return text


def _why(state: State, log: Path) -> StartProblem:
    if state.message:
        return StartProblem(state.message, hint=state.hint)
    lines = messages(tail(log, 0)) if log.exists() else []
    return StartProblem(f"The supervisor ended: {lines[-1] if lines else 'it said nothing'}", hint=f"See {log}.")
