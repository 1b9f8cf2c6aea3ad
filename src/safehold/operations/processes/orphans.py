"""Processes that an earlier run of this home left behind, known by the mark they carry in their environment."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

__all__ = ["MARK", "end_orphans", "marked"]

MARK = "SAFEHOLD_PROCESS"
"""Each child carries its name in this variable, and its home in SAFEHOLD_HOME."""


def marked(home: Path) -> list[psutil.Process]:
    """The living child processes of this home, and theirs."""
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _ours(process, home)]


def end_orphans(home: Path, patience: float = 10.0) -> int:
    """End them, gently first. Returns how many there were."""
    found = marked(home)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, rest = psutil.wait_procs(found, timeout=patience)
    for process in rest:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(rest, timeout=5)
    return len(found)


def _ours(process: psutil.Process, home: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
    except (psutil.Error, OSError):
        return False
    return MARK in environment and environment.get("SAFEHOLD_HOME") == str(home)
