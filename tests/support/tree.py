"""The checkout's own files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

__all__ = ["ROOT", "files"]

ROOT = Path(__file__).parents[2]


def files() -> list[str]:
    """Every file that is or could be committed, as a path from the root. A machine without git has them too."""
    git = shutil.which("git")
    if git is None:
        return sorted(_walk())
    listing = [git, "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def _walk() -> list[str]:
    """What lies here but for what .gitignore names: its lines are plain names of folders, and endings."""
    lines = (ROOT / ".gitignore").read_text().split()
    plain = {line.rstrip("/") for line in lines} | {".git"}
    endings = tuple(line.lstrip("*") for line in lines if line.startswith("*"))
    found = []
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in plain and not name.endswith(".egg-info")]
        found += [
            str((Path(folder) / name).relative_to(ROOT))
            for name in names
            if name not in plain and not name.endswith(endings)
        ]
    return found
