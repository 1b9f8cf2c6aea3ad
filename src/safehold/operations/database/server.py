"""One PostgreSQL server: made, started, watched and stopped."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from safehold.operations.account import Account
from safehold.operations.database import leftovers, symptoms
from safehold.operations.database.config import arguments, write_config
from safehold.operations.database.place import PORT, Place
from safehold.operations.database.programs import Programs
from safehold.operations.errors import DatabaseProblem
from safehold.operations.processes.spawn import spawn

__all__ = ["Server"]

_NEEDED_BYTES = 100 * 1024 * 1024


def _never() -> bool:
    return False


@dataclass(slots=True)
class Server:
    """A server and the process that runs it, if it runs.

    `log` takes what the server says. The server is this process's child: it stops, cleanly, when this process dies.
    """

    place: Place
    programs: Programs
    account: Account
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def create(self, password: str) -> None:
        """Make the database cluster, if there is none yet. A crash on the way leaves nothing that counts."""
        if not self.place.is_new:
            return
        self._check_room()
        fresh = self.place.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.place.folder, prefix="password.") as file:
            file.write(password)
            file.flush()
            self.account.own(Path(file.name))
            self._initdb(fresh, file.name)
        write_config(fresh)
        self.account.own_all(fresh)
        fresh.rename(self.place.data)

    def start(self, patience: float = 300.0, give_up: Callable[[], bool] = _never) -> subprocess.Popen[bytes]:
        """Start the server and return when it takes connections, which after a crash can take a while."""
        self._check_version()
        leftovers.stop_leftover(self.place)
        write_config(self.place.data)
        for name in ("postgresql.conf", "pg_hba.conf"):
            self.account.own(self.place.data / name)
        deadline = time.monotonic() + patience
        while True:
            said_before = symptoms.size(self.log)
            process = self._launch()
            if self._wait(process, deadline, give_up):
                return process
            said = symptoms.tail(self.log, said_before)
            if not symptoms.passes(said) or time.monotonic() > deadline:
                raise symptoms.explain(said, self.place)
            time.sleep(0.3)

    def stop(self, patience: float = 60.0) -> None:
        """Stop cleanly: open transactions are rolled back, everything committed is on disk."""
        if self.process is None:
            return
        for number, wait in ((signal.SIGINT, patience), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(wait)
        self.process = None

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [self.programs.path("postgres"), *arguments(self.place.data, self.place.sockets, PORT)]
        self.process = process = spawn(command, account=self.account, log=self.log, on_parent_death=signal.SIGINT)
        return process

    def _wait(self, process: subprocess.Popen[bytes], deadline: float, give_up: Callable[[], bool]) -> bool:
        """True once it is ready; False when it has ended instead."""
        while process.poll() is None:
            state = leftovers.read_pid_file(self.place.data)
            if state is not None and state.pid == process.pid and state.status == "ready":
                return True
            if give_up() or time.monotonic() > deadline:
                self.stop()
                raise DatabaseProblem("The database is still recovering.", hint="Give it more time: `safehold up`")
            time.sleep(0.02)
        self.process = None
        return False

    def _initdb(self, data: Path, password_file: str) -> None:
        options = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--data-checksums"]
        auth = ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"]
        command = [self.programs.path("initdb"), "-D", str(data), *options, *auth]
        said_before = symptoms.size(self.log)
        process = spawn(command, account=self.account, log=self.log, on_parent_death=signal.SIGKILL)
        if process.wait(300) != 0:
            shutil.rmtree(data, ignore_errors=True)
            raise symptoms.explain(symptoms.tail(self.log, said_before), self.place)

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.place.folder).free
        if free < _NEEDED_BYTES:
            raise symptoms.disk_full(self.place, f"{free // 2**20} MB are free, {_NEEDED_BYTES // 2**20} are needed")

    def _check_version(self) -> None:
        made_by = (self.place.data / "PG_VERSION").read_text().strip()
        if made_by != str(self.programs.major):
            raise DatabaseProblem(
                f"The data in {self.place.data} was written by PostgreSQL {made_by}; "
                f"the programs in {self.programs.folder} are version {self.programs.version}.",
                hint=f"Point postgres_bin at PostgreSQL {made_by}, or move the data with pg_upgrade first.",
            )
