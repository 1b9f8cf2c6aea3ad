"""docs/map.md gives each folder one line, and names nothing that isn't there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^- `([^`]+)/`: \S.*[^.\s]$")
# Their insides are named by their own conventions, not by the map.
INSIDE = {"migrations", "sql", "templates", "templatetags", "static", "vectors", "__pycache__"}


def folders() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is what made the checkout
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    found = {str(parent) for name in listed for parent in Path(name).parents}
    return {name for name in found if name != "." and not INSIDE & set(Path(name).parts[:-1])} - {
        name for name in found if Path(name).name in INSIDE
    }


def test_the_map_and_the_tree_agree():
    mapped = {match[1] for line in (ROOT / "docs/map.md").read_text().splitlines() if (match := LINE.match(line))}
    assert sorted(folders() - mapped) == [], "folders without a line in docs/map.md"
    assert sorted(mapped - folders()) == [], "lines in docs/map.md without a folder"
