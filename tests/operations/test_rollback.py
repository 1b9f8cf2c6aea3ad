"""The database's files put back as they were before: a real copy of the data directory, as whoever has the disk can
make it. Nothing inside it is wrong, and it is found all the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from support.installations import Runner, eventually, home_for_up

pytestmark = pytest.mark.slow


def files_of(runner: Runner) -> Path:
    """The folder with the database's files, wherever the home has it."""
    return (runner.home / "postgres").resolve()


def size_of(runner: Runner) -> int:
    done = runner.safehold("audit", "checkpoint", "acme")
    return int(done.stdout.split("\n")[1]) if done.returncode == 0 else 0


def invite(runner: Runner, name: str) -> None:
    done = runner.safehold("member", "invite", "acme", f"{name}@example.com", "--role", "viewer")
    assert done.returncode == 0, done.stderr


def test_a_database_that_was_put_back_is_found_and_not_signed_on(tmp_path: Path) -> None:
    with home_for_up() as runner:
        assert runner.up().returncode == 0
        assert runner.safehold("tenant", "create", "Acme", "--slug", "acme").returncode == 0
        eventually(lambda: size_of(runner) > 0)
        before = size_of(runner)
        runner.safehold("down")
        kept = tmp_path / "kept"
        subprocess.run(["/bin/cp", "-a", str(files_of(runner)), str(kept)], check=True)

        assert runner.up().returncode == 0
        for name in ("one", "two", "three"):
            invite(runner, name)
        eventually(lambda: size_of(runner) >= before + 3)
        held = tmp_path / "held"
        held.write_text(runner.safehold("audit", "checkpoint", "acme").stdout)
        runner.safehold("down")
        folder = files_of(runner)
        subprocess.run(["/bin/rm", "-rf", str(folder)], check=True)
        subprocess.run(["/bin/cp", "-a", str(kept), str(folder)], check=True)

        assert runner.up().returncode == 0
        assert size_of(runner) == before
        found = json.loads(runner.safehold("prove", "AUD-2", "--json").stdout)["promises"][0]
        assert found["result"] == "broken"
        assert "anchored" in json.dumps(found["evidence"])
        file = tmp_path / "acme.safehold-audit"
        assert runner.safehold("audit", "export", "acme", "-o", str(file)).returncode == 0
        key = str(runner.home / "anchors" / "checkpoint.pub")
        assert runner.safehold("verify", str(file), "--key", key).returncode == 0  # an old truth, by itself …
        refused = runner.safehold("verify", str(file), "--key", key, "--held", str(held))
        assert refused.returncode == 1  # … and no truth for whoever has seen more.
        assert "cut" in refused.stderr
        for number in range(before + 5):  # even past the size that was anchored
            invite(runner, f"later-{number}")
        eventually(lambda: runner.status()["sealing"]["troubled"] != [])
        assert size_of(runner) == before
        assert "ALARM" in runner.safehold("status").stdout
