"""The supervisor: starts everything in order, keeps it running, stops it in order."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from safehold.kernel.errors import SafeholdError
from safehold.kernel.installation import Installation
from safehold.operations.account import current_account
from safehold.operations.database.server import Server
from safehold.operations.database.symptoms import size, tail
from safehold.operations.errors import StartProblem
from safehold.operations.logs.live import drop_too_much, start_afresh
from safehold.operations.ownership import give_files
from safehold.operations.processes.logs import messages, note
from safehold.operations.processes.orphans import end_orphans
from safehold.operations.processes.records import Entry, State, started_at, write_state
from safehold.operations.processes.service import DatabaseService, Program, Service, start_program
from safehold.operations.processes.start import app_account, database_server, port_problem, require_port
from safehold.operations.processes.visit import is_answering
from safehold.operations.processes.wake import Wake
from safehold.operations.tls import served_pair

__all__ = ["Say", "Supervisor", "Tell"]

Say = Callable[[str], None]
"""Takes a remark while things start."""

Tell = Callable[[State, str], None]
"""Takes the state once everything runs, and the words of welcome."""

_PATIENCE = {"web": 15.0, "redirect": 3.0, "worker": 25.0, "sealer": 15.0, "archivist": 10.0}
_WEB_STARTS = 120.0
_TICK = 1.0
_HOUR = 3600.0
_LAST = 20.0
"""Seconds for the last gathering of logs, after everything else has ended."""


class Stopped(Exception):
    """Somebody asked to stop while it was still starting."""


class Supervisor:
    """Runs one installation in this process. Hold the home's lock around it."""

    def __init__(self, installation: Installation, say: Say, tell: Tell, *, demo: bool = False) -> None:
        self.installation = installation
        self.say = say
        self.tell = tell
        self.demo = demo
        self.account = current_account()
        ports = installation.port, installation.http_port or 0
        self.state = State("starting", installation.url, os.getpid(), started_at(os.getpid()), *ports)
        self.services: list[Service] = []
        self.wake = Wake()
        self._certificate = b""
        self._certificate_again = 0.0
        self._untold = False

    def run(self) -> None:
        """Start, watch until a signal asks to stop, stop. Whatever goes wrong, nothing is left running."""
        with self.wake:
            try:
                self._start()
                self._watch()
            except Stopped:
                pass
            except SafeholdError as error:
                self._log("error", error.message)
                self.state.message, self.state.hint = error.message, error.hint
                raise
            finally:
                self._stop("failed" if self.state.message else "stopped")

    # Starting

    def _start(self) -> None:
        home = self.installation.home
        self._write()
        if ended := end_orphans(home):
            self._remark(f"Ended {ended} processes that an earlier run left behind.")
        require_port(self.installation)
        start_afresh(self.installation.logs)
        self._look_at_certificate()
        self._start_database()
        self.account, remark = app_account(self.installation)
        self._remark(remark)
        give_files(home, self.account)
        self.state.account = self.account.name
        version = self._run_once("prepare", "The database's tables can't be brought up to date.")
        self.state.database["version"] = version.strip()
        self._start_program("web")  # it loads while the next step works
        welcome = self._run_once("settle", "What every installation carries can't be made.")
        self._start_program("worker")
        self._start_program("sealer")
        self._start_program("archivist")
        self._start_redirect()
        self._wait_for_web()
        self.tell(self.state, welcome)
        self.state.state = "running"
        self._write()
        self._log("info", f"running at {self.installation.url}")

    def _start_database(self) -> None:
        server = database_server(self.installation)
        if server is None:
            self.state.database = {"kind": "outside", "host": self.installation.database_host}
            return
        self.state.database = _described(server)
        if (self.installation.home / "postgres").is_symlink():
            self._remark(f"The database lies in {server.place.folder}: its account can't enter the home.")
        self._add(DatabaseService("database", server=server, give_up=lambda: self.wake.asked is not None))

    def _start_program(self, name: str) -> None:
        home, environment = self.installation.home, self._environment()
        self._add(Program(name, home=home, account=self.account, environment=environment, patience=_PATIENCE[name]))

    def _start_redirect(self) -> None:
        port = self.installation.http_port
        if port is None:
            return
        if problem := port_problem(self.installation.bind, port):
            self._remark(f"Plain HTTP isn't redirected: {problem}")
            self.state.processes.append(Entry("redirect", state="off"))
        else:
            self._start_program("redirect")

    def _add(self, service: Service) -> None:
        self.services.append(service)
        self.state.processes.append(service.entry)
        service.start()
        self._write()

    def _environment(self) -> dict[str, str]:
        ports = {"SAFEHOLD_PORT": self.installation.port, "SAFEHOLD_HTTP_PORT": self.installation.http_port or 0}
        return {name: str(port) for name, port in ports.items()}

    def _run_once(self, name: str, trouble: str) -> str:
        """Run a child that ends by itself; returns what it printed. Raises with its last words if it fails.

        What it prints is for people and may hold the demo's passwords: it goes nowhere but to them.
        """
        log = self.installation.logs / f"{name}.log"
        before = size(log)
        environment = self._environment() | {"SAFEHOLD_DEMO": "1" if self.demo else ""}
        with tempfile.TemporaryFile() as output:
            process = start_program(name, self.installation.home, self.account, environment, output)
            with self._listed(Entry(name, process.pid, started_at(process.pid), "running")):
                self._await(process)
            if process.returncode != 0:
                raise StartProblem(f"{trouble} {_last_words(tail(log, before))}", hint=f"More is in {log}.")
            output.seek(0)
            return output.read().decode("utf-8", "replace")

    @contextlib.contextmanager
    def _listed(self, entry: Entry) -> Iterator[None]:
        self.state.processes.append(entry)
        self._write()
        yield
        self.state.processes.remove(entry)

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            self.wake.wait(0.2)
            if self.wake.asked is not None:
                process.terminate()
                process.wait(30)
                raise Stopped

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + _WEB_STARTS
        log = self.installation.logs / "web.log"
        while not is_answering(self.installation):
            self.wake.wait(0.1)
            if self.wake.asked is not None:
                raise Stopped
            self._check()
            if time.monotonic() > deadline:
                raise StartProblem(f"The web process doesn't answer. {_last_words(tail(log, 0))}", hint=f"See {log}.")

    # Watching

    def _watch(self) -> None:
        while self.wake.asked is None:
            self.wake.wait(_TICK)
            self._check()
            with contextlib.suppress(OSError):  # a full disk; the next tick tries again
                for name in drop_too_much(self.installation.logs):
                    self._log("error", f"{name} grew too large while nothing gathered it: its older half was given up")
            if self._untold:
                self._write()
            if time.monotonic() > self._certificate_again:
                self._renew_certificate()

    def _check(self) -> None:
        for service in self.services:
            if self.wake.asked is not None:
                return
            try:
                if sentence := service.check():
                    if service.entry.state == "restarting":
                        service.entry.trouble = self._said_by(service.name)
                    self._log("warning", f"{sentence}. {service.entry.trouble}".rstrip(". "))
                    self._write()
            except (SafeholdError, OSError) as error:
                self._log("error", f"{service.name} doesn't start: {error}")

    def _said_by(self, name: str) -> str:
        with contextlib.suppress(OSError):
            return _last_words(tail(self.installation.logs / f"{name}.log", 0))
        return ""

    def _look_at_certificate(self) -> bool:
        """Make, renew or copy the certificate as needed; True where it isn't the one it was."""
        self._certificate_again = time.monotonic() + _HOUR
        before, self._certificate = self._certificate, self._served()
        return before != self._certificate

    def _served(self) -> bytes:
        return served_pair(self.installation, datetime.now(UTC)).cert.read_bytes()

    def _renew_certificate(self) -> None:
        try:
            if not self._look_at_certificate():
                return
        except (SafeholdError, OSError) as error:
            self._log("error", str(error))
            return
        self._log("warning", "the certificate is a new one; web starts again with it")
        give_files(self.installation.home, self.account)
        for service in self.services:
            if service.name == "web":
                service.stop()
                service.start()
        self._write()

    # Stopping

    def _stop(self, end: str) -> None:
        if self.services:
            self.state.state = "stopping"
            self._write()
        # Web stays until the rest has ended: a check that is at work would find it gone, and call the promise broken.
        for service in self.services:
            if isinstance(service, Program) and service.name != "web":
                service.ask_to_stop()
        for service in reversed(self.services):
            service.stop()
        end_orphans(self.installation.home)
        if self.services and end == "stopped":  # a start that failed points to the live files
            self._gather_last()
        self.state.state = end
        self._write()
        self._log("info", end)

    def _gather_last(self) -> None:
        """What was said up to now goes to the archive too: nothing lies in clear while nothing runs."""
        with contextlib.suppress(SafeholdError, OSError, subprocess.TimeoutExpired):
            home, environment = self.installation.home, self._environment() | {"SAFEHOLD_ONCE": "1"}
            last = start_program("archivist", home, self.account, environment)
            try:
                last.wait(_LAST)
            except subprocess.TimeoutExpired:
                last.kill()
                last.wait(5)
                raise

    # Telling

    def _remark(self, text: str) -> None:
        """What people should know though nothing fails."""
        if text:
            self.state.notes.append(text)
            self.say(text)
            self._log("warning", text)

    def _log(self, level: str, text: str) -> None:
        with contextlib.suppress(OSError):  # as below
            note(self.installation.logs, level, text)

    def _write(self) -> None:
        """Tell how things stand. Once they run, a full disk ends nothing: the file is written when there's room."""
        try:
            write_state(self.installation.home, self.state)
            self._untold = False
        except OSError as error:
            self._untold = True
            if self.state.state == "starting":
                why = os.strerror(error.errno or 0)
                raise StartProblem(f"{self.installation.home} can't be written in: {why}.") from None


def _described(server: Server) -> dict[str, str]:
    return {
        "kind": "embedded",
        "version": server.programs.version,
        "programs": str(server.programs.folder),
        "data": str(server.place.data),
        "socket": str(server.place.sockets),
        "account": server.account.name,
    }


def _last_words(said: str) -> str:
    """The last line that isn't part of a traceback, nor what a database server adds to its message."""
    beside = (" ", "Traceback", "CONTEXT:", "DETAIL:", "HINT:")
    lines = [line.strip() for line in messages(said) if line.strip() and not line.startswith(beside)]
    return f"It said: {lines[-1][:400]}" if lines else "It said nothing."
