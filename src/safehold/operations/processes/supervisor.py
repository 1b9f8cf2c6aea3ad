"""The supervisor: starts everything in order, keeps it running, stops it in order."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from safehold.kernel.errors import SafeholdError
from safehold.kernel.installation import Installation
from safehold.operations.account import Account
from safehold.operations.database.server import Server
from safehold.operations.errors import StartProblem
from safehold.operations.ownership import give_files
from safehold.operations.processes.logs import cut_long_logs, note
from safehold.operations.processes.orphans import end_orphans
from safehold.operations.processes.records import Entry, State, started_at, write_state
from safehold.operations.processes.service import DatabaseService, Program, Service, start_program
from safehold.operations.processes.start import app_account, database_server, port_problem, require_port
from safehold.operations.processes.visit import is_answering
from safehold.operations.processes.wake import Wake
from safehold.operations.tls import served_pair

__all__ = ["Supervisor"]

Say = Callable[[str], None]

_PATIENCE = {"web": 15.0, "redirect": 3.0, "worker": 25.0, "sealer": 15.0}
_WEB_STARTS = 120.0
_TICK = 1.0


class Stopped(Exception):
    """Somebody asked to stop while it was still starting."""


class Supervisor:
    """Runs one installation in this process. Hold the home's lock around it."""

    def __init__(
        self, installation: Installation, say: Say, tell: Callable[[State], None], *, demo: bool = False
    ) -> None:
        self.installation = installation
        self.say = say
        self.tell = tell
        self.demo = demo
        self.state = State("starting", installation.url, os.getpid(), started_at(os.getpid()), processes=[], notes=[])
        self.services: list[Service] = []
        self.wake = Wake()

    def run(self) -> None:
        """Start, watch until a signal asks to stop, stop. Whatever goes wrong, nothing is left running."""
        with self.wake:
            try:
                self._start()
                self._watch()
            except Stopped:
                pass
            except SafeholdError as error:
                self._tell("error", error.message)
                self.state.message, self.state.hint = error.message, error.hint
                raise
            finally:
                self._stop("failed" if self.state.message else "stopped")

    # Starting

    def _start(self) -> None:
        home = self.installation.home
        self._write()
        if ended := end_orphans(home):
            self._tell("warning", f"ended {ended} processes that an earlier run left behind")
        require_port(self.installation)
        served_pair(self.installation, datetime.now(UTC))
        self._start_database()
        account, remark = app_account(self.installation)
        self._remark(remark)
        give_files(home, account)
        self.state.account = account.name
        self._run_once("prepare", account, "The database's tables can't be brought up to date.")
        self._start_program("web", account)  # it loads while the next step works
        self.state.welcome = self._run_once("settle", account, "What every installation carries can't be made.")
        for name in ("worker", "sealer"):
            self._start_program(name, account)
        self._start_redirect(account)
        self._wait_for_web()
        self.state.state = "running"
        self._write()
        self._tell("info", f"running at {self.installation.url}")
        self.tell(self.state)

    def _start_database(self) -> None:
        server = database_server(self.installation)
        if server is None:
            self.state.database = {"kind": "outside", "host": self.installation.database_host}
            return
        self.state.database = _described(server)
        self._add(DatabaseService("database", server=server, give_up=lambda: self.wake.asked is not None))

    def _start_program(self, name: str, account: Account) -> None:
        home, environment = self.installation.home, self._environment()
        self._add(Program(name, home=home, account=account, environment=environment, patience=_PATIENCE[name]))

    def _start_redirect(self, account: Account) -> None:
        port = self.installation.http_port
        if port is None:
            return
        if problem := port_problem(self.installation.bind, port):
            self._remark(f"Plain HTTP isn't redirected: {problem}")
            self.state.processes.append(Entry("redirect", state="off"))
        else:
            self._start_program("redirect", account)

    def _environment(self) -> dict[str, str]:
        ports = {"SAFEHOLD_PORT": self.installation.port, "SAFEHOLD_HTTP_PORT": self.installation.http_port or 0}
        return {name: str(port) for name, port in ports.items()}

    def _run_once(self, name: str, account: Account, trouble: str) -> str:
        """Run a child that ends by itself; returns what it wrote for people. Raises with its last words if it fails."""
        log = self.installation.logs / f"{name}.log"
        before = log.stat().st_size if log.exists() else 0
        environment = self._environment() | {"SAFEHOLD_DEMO": "1" if self.demo else ""}
        process = start_program(name, self.installation.home, account, environment)
        with self._listed(Entry(name, process.pid, started_at(process.pid), "running")):
            while process.poll() is None:
                self.wake.wait(0.2)
                if self.wake.asked is not None:
                    process.terminate()
                    process.wait(30)
                    raise Stopped
        with log.open("rb") as file:
            file.seek(before)
            said = file.read().decode("utf-8", "replace")
        if process.returncode != 0:
            raise StartProblem(f"{trouble} {_last_words(said)}", hint=f"The whole story is in {log}.")
        return said

    @contextmanager
    def _listed(self, entry: Entry) -> Iterator[None]:
        self.state.processes.append(entry)
        self._write()
        yield
        self.state.processes.remove(entry)

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + _WEB_STARTS
        while not is_answering(self.installation):
            self.wake.wait(0.1)
            if self.wake.asked is not None:
                raise Stopped
            self._check()
            if time.monotonic() > deadline:
                log = self.installation.logs / "web.log"
                raise StartProblem(f"The web process doesn't answer. {_last_words(_end_of(log))}", hint=f"See {log}.")

    def _add(self, service: Service) -> None:
        self.services.append(service)
        self.state.processes.append(service.entry)
        service.start()
        self._write()

    # Watching

    def _watch(self) -> None:
        while self.wake.asked is None:
            self.wake.wait(_TICK)
            self._check()
            cut_long_logs(self.installation.logs)

    def _check(self) -> None:
        for service in self.services:
            if self.wake.asked is not None:
                return
            try:
                if sentence := service.check():
                    self._tell("warning", sentence)
                    self._write()
            except SafeholdError as error:
                self._tell("error", f"{service.name} doesn't start: {error.message}")

    # Stopping

    def _stop(self, end: str) -> None:
        if self.services:
            self.state.state = "stopping"
            self._write()
        for service in self.services:
            if isinstance(service, Program):
                service.ask_to_stop()
        for service in reversed(self.services):
            service.stop()
        end_orphans(self.installation.home)
        self.state.state = end
        self._write()
        note(self.installation.logs, "info", end)

    # Telling

    def _remark(self, text: str) -> None:
        if text:
            self.state.notes.append(text)
            self._tell("warning", text)

    def _tell(self, level: str, text: str) -> None:
        note(self.installation.logs, level, text)
        if level == "warning":
            self.say(text)

    def _write(self) -> None:
        write_state(self.installation.home, self.state)


def _described(server: Server) -> dict[str, str]:
    return {
        "kind": "embedded",
        "version": server.programs.version,
        "programs": str(server.programs.folder),
        "data": str(server.place.data),
        "socket": str(server.place.sockets),
        "account": server.account.name,
    }


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:] if log.exists() else ""


def _last_words(said: str) -> str:
    """The last line that isn't part of a traceback."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith((" ", "Traceback"))]
    return f"It said: {lines[-1][:400]}" if lines else "It said nothing."
