"""Start one child process through launch.py."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from safehold.operations.account import Account
from safehold.operations.files import owner_of_home

__all__ = ["base_environment", "spawn"]

_LAUNCH = Path(__file__).with_name("launch.py")


def base_environment() -> dict[str, str]:
    """What every child gets, whatever this process was started with."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}


def spawn(
    command: Sequence[str],
    *,
    account: Account,
    log: Path,
    on_parent_death: int = 0,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Run `command` as `account`, its output appended to `log`, in a session of its own.

    With `output`, only what it complains of goes to the log; what it prints goes there.
    """
    uid, gid = (-1, -1) if account.is_current else (account.uid, account.gid)
    numbers = [str(number) for number in (on_parent_death, uid, gid, os.getpid())]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if (owner := owner_of_home(log)) is not None:
            os.fchown(descriptor, *owner)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LAUNCH), *numbers, "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=descriptor if output is None else output,
            stderr=descriptor,
            cwd="/",
            env=base_environment() | dict(environment or {}),
        )
    finally:
        os.close(descriptor)
