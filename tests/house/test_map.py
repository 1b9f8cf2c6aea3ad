"""docs/map.md gives each folder one line, and names nothing that isn't there."""

from __future__ import annotations

import re
from pathlib import Path

from support.tree import ROOT, files

LINE = re.compile(r"^- `([^`]+)/`: \S.*[^.\s]$")
# Their insides are named by their own conventions, not by the map.
INSIDE = {"migrations", "sql", "templates", "templatetags", "static", "vectors", "__pycache__"}


def folders() -> set[str]:
    found = {str(parent) for name in files() for parent in Path(name).parents}
    return {name for name in found if name != "." and not INSIDE & set(Path(name).parts[:-1])} - {
        name for name in found if Path(name).name in INSIDE
    }


def test_the_map_and_the_tree_agree():
    mapped = {match[1] for line in (ROOT / "docs/map.md").read_text().splitlines() if (match := LINE.match(line))}
    assert sorted(folders() - mapped) == [], "folders without a line in docs/map.md"
    assert sorted(mapped - folders()) == [], "lines in docs/map.md without a folder"
