"""A process that is kept running: a program of ours, or the database server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from safehold.kernel.errors import SafeholdError
from safehold.operations.account import Account, current_account
from safehold.operations.database.server import Server
from safehold.operations.processes.orphans import MARK
from safehold.operations.processes.records import Entry, started_at
from safehold.operations.processes.spawn import spawn

__all__ = ["DatabaseService", "Program", "Service", "start_program"]

_SOON = 0.5
_LATEST = 30.0
_STEADY = 60.0


@dataclass(slots=True)
class Service:
    """The part that programs and the database share: state, and when to try again after a crash."""

    name: str
    entry: Entry = field(init=False)
    _failures: int = 0
    _began: float = 0.0
    _again_at: float = 0.0

    def __post_init__(self) -> None:
        self.entry = Entry(self.name)

    def start(self) -> None:
        """Start it and write down who it is."""
        process = self._start()
        self._began = time.monotonic()
        self.entry.pid, self.entry.started, self.entry.state = process.pid, started_at(process.pid), "running"

    def check(self) -> str:
        """Look after it: returns a sentence when something changed, else nothing."""
        now = time.monotonic()
        if self.entry.state == "running":
            code = self._ended()
            if code is None:
                self.entry.trouble = self.entry.trouble if now - self._began <= _STEADY else ""
                return ""
            if now - self._began > _STEADY:
                self._failures = 0
            delay = self._put_off()
            self.entry.pid, self.entry.state = None, "restarting"
            return f"{self.name} ended ({_how(code)}); starting it again in {delay:.1f} s"
        if self.entry.state == "restarting" and now >= self._again_at:
            self.entry.restarts += 1
            try:
                self.start()
            except (SafeholdError, OSError):
                self._put_off()
                raise
            return f"{self.name} runs again"
        return ""

    def _put_off(self) -> float:
        """Wait longer before each further try, until one has run steadily."""
        delay: float = min(_SOON * 2.0**self._failures, _LATEST)
        self._failures = min(self._failures + 1, 16)
        self._again_at = time.monotonic() + delay
        return delay

    def _start(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def _ended(self) -> int | None:
        raise NotImplementedError

    def stop(self) -> None:
        """Stop it and all it started."""
        raise NotImplementedError


@dataclass(slots=True)
class Program(Service):
    """One of our own commands, `safehold run NAME`, in a process group of its own."""

    home: Path = Path()
    account: Account = field(default_factory=current_account)
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 10.0
    _process: subprocess.Popen[bytes] | None = None

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = start_program(self.name, self.home, self.account, self.environment)
        return self._process

    def _ended(self) -> int | None:
        code = None if self._process is None else self._process.poll()
        if code is not None:
            self._end_group()
        return code

    def ask_to_stop(self) -> None:
        """Tell it to finish what it does and end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """Wait for it to end, then end what is left of its group."""
        self.ask_to_stop()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self.patience)
            self._end_group()
            self._process.wait(10)
        self._process = None
        self.entry.pid, self.entry.state = None, "stopped"

    def _end_group(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


@dataclass(slots=True)
class DatabaseService(Service):
    """The home's own database server."""

    server: Server | None = None
    give_up: Callable[[], bool] = lambda: False

    def _server(self) -> Server:
        if self.server is None:
            raise RuntimeError("this service was made without its server")
        return self.server

    def _start(self) -> subprocess.Popen[bytes]:
        return self._server().start(give_up=self.give_up)

    def _ended(self) -> int | None:
        process = self._server().process
        return -1 if process is None else process.poll()

    def stop(self) -> None:
        """Stop it cleanly."""
        self._server().stop()
        self.entry.pid, self.entry.state = None, "stopped"


def start_program(
    name: str, home: Path, account: Account, environment: Mapping[str, str], output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start `safehold run NAME` for this home, marked as its child, its output in the home's logs."""
    return spawn(
        [sys.executable, "-P", "-m", "safehold.operations.processes", name],
        account=account,
        log=home / "logs" / f"{name}.log",
        on_parent_death=signal.SIGTERM,
        environment={"SAFEHOLD_HOME": str(home), MARK: name} | dict(environment),
        output=output,
    )


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"
