"""Whole installations for tests: `safehold up --detach` in a home of their own, as a person would."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from safehold.operations import selectors
from support.homes import remove_home
from support.ports import free_port

SECONDS = 60.0


class Runner:
    """One installation and the commands that people give it."""

    def __init__(self, home: Path, port: int | None = None) -> None:
        self.home = home
        self.port = port or free_port()

    def safehold(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command for this home."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAFEHOLD_")}
        if programs := os.environ.get("SAFEHOLD_TEST_POSTGRES"):
            clean["SAFEHOLD_POSTGRES_BIN"] = programs
        return subprocess.run(
            [sys.executable, "-P", "-m", "safehold", *arguments, "--home", str(self.home)],
            env=clean | environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`safehold up --detach`."""
        return self.safehold("up", "--detach", "--port", str(self.port), *arguments)

    def status(self) -> dict[str, Any]:
        """What `safehold status --json` prints."""
        found: dict[str, Any] = selectors.status(self.home)
        return found

    def pid(self, name: str) -> int:
        """The process of that name, waited for: one that has died is started again after a pause."""
        found: list[int] = []

        def is_there() -> bool:
            found[:] = [row["pid"] for row in self.status()["processes"] if row["name"] == name and row["pid"]]
            return bool(found)

        eventually(is_there)
        return found[0]

    def get(self, path: str = "/") -> tuple[int, Any]:
        """Visit a page, the certificate checked against the home's own; its status and headers."""
        context = ssl.create_default_context(cafile=str(self.home / "tls" / "cert.pem"))
        try:
            with urllib.request.urlopen(f"https://localhost:{self.port}{path}", timeout=20, context=context) as answer:
                return answer.status, answer.headers
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers

    def answers(self) -> bool:
        """Whether the sign-in page is there."""
        try:
            return self.get("/account/sign-in/")[0] == 200
        except OSError:
            return False

    def processes(self) -> list[psutil.Process]:
        """Every living process that belongs to this home, however it was started."""
        return [process for process in psutil.process_iter() if self._ours(process)]

    def _ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                return False
            words, folder = process.cmdline(), process.cwd()
            return process.environ().get("SAFEHOLD_HOME") == str(self.home) or (
                bool(words) and "postgres" in words[0] and folder.startswith(str((self.home / "postgres").resolve()))
            )
        except (psutil.Error, OSError):
            return False


@contextmanager
def home_for_up() -> Iterator[Runner]:
    """A runner on a new home, in a path with a space; brought down and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="safehold up-"))
    folder.chmod(0o755)
    runner = Runner(folder / "my home")
    try:
        yield runner
    finally:
        runner.safehold("down")
        remove_home(runner.home)
        shutil.rmtree(folder, ignore_errors=True)


def eventually(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something holds; fail when it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it didn't happen in time"
        time.sleep(0.1)
