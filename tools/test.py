"""Runs the suite: on the built-in database server, then what touches the database again on Debian's PostgreSQL 15, then
the isolation suite through PgBouncer.

`python tools/test.py` runs everything; `--fast` leaves out the second and third and the tests that start whole
installations. Other arguments go to pytest. What is missing on this machine is said at the end; with CI=true it's a
failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECOND_SERVER = Path("/usr/lib/postgresql/15/bin")
POOLER = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
COUNTS = re.compile(r"(\d+) (passed|failed|skipped|errors?)")
NO_TESTS = 5

# Runs after the first: whether this machine can, what it is called, which tests, how they're told, what to install.
AGAIN = (
    (
        SECOND_SERVER.exists(),
        "the suite on PostgreSQL 15",
        ["-m", "database and not browser"],
        {"SAFEHOLD_TEST_POSTGRES": str(SECOND_SERVER)},
        "PostgreSQL 15 (apt-get install postgresql-15)",
    ),
    (
        POOLER is not None,
        "the isolation suite through PgBouncer",
        ["-m", "database", "tests/foundation/scope", "tests/foundation/staff", "tests/foundation/jobs"],
        {"SAFEHOLD_TEST_POOLER": "1"},
        "PgBouncer (apt-get install pgbouncer)",
    ),
)


def run(title: str, arguments: list[str], environment: dict[str, str]) -> tuple[int, dict[str, int]]:
    """Run pytest once; returns its exit status and what its last line counts."""
    print(f"== {title}", flush=True)
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-n", "auto", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    last = ""
    for line in process.stdout or ():
        print(line, end="", flush=True)
        last = line if COUNTS.search(line) else last
    counts = {word.rstrip("s") if word.startswith("error") else word: int(n) for n, word in COUNTS.findall(last)}
    return process.wait(), counts


def main(arguments: list[str]) -> int:
    """Run what was asked for; 0 when everything passed and, in CI, nothing was left out."""
    fast = "--fast" in arguments
    rest = [argument for argument in arguments if argument != "--fast"]
    code, total = run("the suite", [*(["-m", "not slow and not browser"] if fast else []), *rest], {})
    left_out = []
    for there, title, selection, environment, package in () if fast else AGAIN:
        if any(Path(place.partition("::")[0]).exists() for place in rest) and any("/" in word for word in selection):
            continue  # asked for other places than this run is for
        if not there:
            left_out.append(package)
            continue
        again, counts = run(title, [*selection, *rest], environment)
        code = code or (0 if again == NO_TESTS else again)
        total = {word: total.get(word, 0) + counts.get(word, 0) for word in total | counts}
    for what in left_out:
        print(f"Left out: {what}")
    if left_out and os.environ.get("CI") == "true":
        print("In CI nothing may be left out.")
        code = code or 1
    failed = total.get("failed", 0) + total.get("error", 0)
    print(f"{total.get('passed', 0)} passed, {failed} failed, {total.get('skipped', 0)} skipped", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
