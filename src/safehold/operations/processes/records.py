"""run/state.json: what runs, written by the supervisor and read by everybody else, and the lock that it holds."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from safehold.operations.errors import Running, StartProblem
from safehold.operations.files import replace

__all__ = ["Entry", "State", "alive", "hold", "is_held", "ports", "read_state", "started_at", "write_state"]


@dataclass(slots=True)
class Entry:
    """One process: its name, number and state (running, restarting, stopped, off), and what it last said as it fell."""

    name: str
    pid: int | None = None
    started: float = 0.0
    state: str = "stopped"
    restarts: int = 0
    trouble: str = ""


@dataclass(slots=True)
class State:
    """What the supervisor last said: starting, running, stopping, stopped or failed, and with what."""

    state: str = "stopped"
    url: str = ""
    supervisor: int = 0
    started: float = 0.0
    port: int = 0
    http_port: int = 0
    account: str = ""
    message: str = ""
    hint: str = ""
    notes: list[str] = field(default_factory=list)
    processes: list[Entry] = field(default_factory=list)
    database: dict[str, str] = field(default_factory=dict)


def write_state(home: Path, state: State) -> None:
    """Put the state where others read it, whole or not at all."""
    replace(home / "run" / "state.json", json.dumps(asdict(state), indent=1).encode(), mode=0o644)


def read_state(home: Path) -> State:
    """What was last written; a state of nothing where that's missing or no good."""
    try:
        found = json.loads((home / "run" / "state.json").read_bytes())
        entries = [Entry(**entry) for entry in found.pop("processes")]
        return State(**found, processes=entries)
    except PermissionError:
        raise StartProblem(f"{home} belongs to somebody else.", hint="Run this as its owner, or as root.") from None
    except (OSError, ValueError, TypeError, KeyError):
        return State()


def ports(home: Path) -> dict[str, object]:
    """The ports of what runs here now: `up --port` may have chosen others than the settings have."""
    try:
        state = read_state(home)
    except StartProblem:
        return {}
    runs = state.port and alive(state.supervisor, state.started)
    return {"port": state.port, "http_port": state.http_port} if runs else {}


def started_at(pid: int) -> float:
    """When a process began, to tell it from a later one of the same number; 0 where there is none."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        # One that has ended stays in the list until its parent asks for it; in a container that may be never.
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    return 0.0


def alive(pid: int | None, started: float) -> bool:
    """Whether the very process that was written down still runs."""
    return bool(pid) and abs(started_at(pid or 0) - started) < 1.0


@contextlib.contextmanager
def hold(home: Path, patience: float = 1.0) -> Iterator[None]:
    """Hold the home's lock, as one supervisor at a time may; the system lets go of it when the process dies.

    A short patience outlasts those who only look whether it's held.
    """
    deadline = time.monotonic() + patience
    descriptor = os.open(home / "run" / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                raise Running(f"An installation already runs in {home}.")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(home: Path) -> bool:
    """Whether a supervisor runs this home now."""
    try:
        with hold(home, patience=0):
            return False
    except Running:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        raise StartProblem(f"{home} belongs to somebody else.", hint="Run this as its owner, or as root.") from None
