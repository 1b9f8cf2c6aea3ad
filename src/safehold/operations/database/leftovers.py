"""A server that an earlier run left behind: found by its pid file, told apart from a stranger with the same number.

After a `kill -9` of the supervisor the server may still run; after one of the server itself its children may still hold
shared memory for a moment; after a restart of the machine the pid in the file may be anybody's.
"""

from __future__ import annotations

import contextlib
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from safehold.operations.database.place import Place
from safehold.operations.errors import DatabaseProblem

__all__ = ["PidFile", "read_pid_file", "stop_leftover"]


@dataclass(frozen=True, slots=True)
class PidFile:
    """What postmaster.pid says: the server's pid and its state ("starting", "ready", "stopping")."""

    pid: int
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """The server's own pid file; None where there is none, or it is still being written."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return PidFile(abs(int(lines[0])), lines[7].strip() if len(lines) > 7 else "starting")
    except (OSError, ValueError, IndexError):
        return None


def stop_leftover(place: Place, patience: float = 60.0) -> bool:
    """Stop whatever an earlier run left behind on this data, and remove a pid file that means nobody.

    True where a server did still run.
    """
    process = None
    found = read_pid_file(place.data)
    if found is not None:
        process = _server_with(found.pid, place.data)
        if process is not None:
            _end(process, patience)
        (place.data / "postmaster.pid").unlink(missing_ok=True)
    _remove_dead_lock(place)
    orphans = _orphans(place.data)
    _, alive = psutil.wait_procs(orphans, timeout=5)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    return process is not None


def _remove_dead_lock(place: Place) -> None:
    """Remove the socket's lock file unless a PostgreSQL server holds it: the number in it may be anybody's by now."""
    for lock in place.sockets.glob(".s.PGSQL.*.lock"):
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            holder = psutil.Process(abs(int(lock.read_text().split()[0])))
            if holder.status() != psutil.STATUS_ZOMBIE and "postgres" in holder.name():
                continue
        lock.unlink(missing_ok=True)


def _end(process: psutil.Process, patience: float) -> None:
    for number, wait in ((signal.SIGINT, patience), (signal.SIGQUIT, 10.0)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(wait)
            return
    raise DatabaseProblem(f"The database server of an earlier run (process {process.pid}) doesn't stop.")


def _server_with(pid: int, data: Path) -> psutil.Process | None:
    """The process of that number if it is a PostgreSQL process on this data directory."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if _serves(process, data):
            return process
    return None


def _orphans(data: Path) -> list[psutil.Process]:
    """PostgreSQL processes on this data whose server is gone. They end by themselves, almost always at once."""
    return [process for process in psutil.process_iter() if _serves(process, data)]


def _serves(process: psutil.Process, data: Path) -> bool:
    """A server and its children all work in the data directory."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name() and process.cwd() == str(data)
    except (psutil.Error, OSError):
        return False
