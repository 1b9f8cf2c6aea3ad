"""The processes' log files: appended to by each process itself, cut by the supervisor before they grow large."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["cut_long_logs", "note"]

LONGEST = 5 * 1024 * 1024
KEPT = 3


def cut_long_logs(folder: Path, longest: int = LONGEST) -> None:
    """Move what is too long to NAME.log.1 and so on. The file itself stays: a process goes on writing to its end."""
    for log in folder.glob("*.log"):
        if log.stat().st_size <= longest:
            continue
        for number in range(KEPT - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        log.with_name(f"{log.name}.1").chmod(0o600)
        os.truncate(log, 0)


def note(folder: Path, level: str, message: str) -> None:
    """Add a line to the supervisor's own log."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": at, "level": level, "logger": "supervisor", "message": message}, ensure_ascii=False)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(folder / "supervisor.log", flags, 0o600), "w", encoding="utf-8") as file:
        file.write(line + "\n")
