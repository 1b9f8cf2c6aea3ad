"""House rules that no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.tree import ROOT, files

SOURCE = ROOT / "src" / "safehold"
MAY_USE_OBJECTS = {"models.py", "selectors.py", "flows.py"}


def python_files() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def test_the_import_contract_holds():
    command = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rows_are_reached_in_selectors_and_flows_only():
    offenders = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in python_files()
        if path.name not in MAY_USE_OBJECTS and path.parent.name not in {"selectors", "flows"}
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"(?<!foundation)(?<!installation)\.objects\b", line) and "# rows:" not in line
    ]
    assert offenders == []


def test_rooms_leave_each_others_models_alone():
    found = []
    for path in python_files():
        room = path.relative_to(SOURCE).parent
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(
                r"\s*from (safehold\.\S+)\.models import|\s*from (safehold\.\S+) import [^#]*\bmodels\b", line
            )
            if not match:
                continue
            owner = Path(*(match[1] or match[2]).split(".")[1:])
            if owner != room and owner not in room.parents:
                found.append(f"{path.relative_to(SOURCE)}:{number}")
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda path: path.name)
def test_locks_hold_hashes_and_no_address(path: Path):
    text = path.read_text()
    packages = re.findall(r"^[a-z0-9][^\s=]*==[^\s;\\]+", text, re.MULTILINE | re.IGNORECASE)
    assert packages
    assert text.count("--hash=sha256:") >= len(packages)
    assert "://" not in text
    assert "index-url" not in text


def test_every_sql_file_says_what_it_is():
    silent = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.sql") if not path.read_text().startswith("--")]
    assert silent == []


def test_nothing_names_a_machine():
    pattern = re.compile(r"/(?:work|root|farm)/[a-z]|\b(?:pypi|registry\.npmjs|deb\.debian)\.org\b")
    found = []
    for name in files():
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".gz"} or path == Path(__file__):
            continue
        if pattern.search(path.read_text(errors="ignore")):
            found.append(name)
    assert found == []
