"""A sealer that stands still is seen everywhere: status, trust page, log, and the check of AUD-2."""

from __future__ import annotations

import json
import os
import signal
import ssl
import urllib.request
from pathlib import Path

import psutil
import pytest

from support.installations import Runner, eventually, home_for_up


def trust_page(runner: Runner) -> str:
    context = ssl.create_default_context(cafile=str(runner.home / "tls" / "cert.pem"))
    with urllib.request.urlopen(f"https://localhost:{runner.port}/trust/", timeout=20, context=context) as answer:
        return str(answer.read().decode())


def said(runner: Runner, words: str) -> int:
    return (Path(runner.home) / "logs" / "worker.log").read_text().count(words)


@pytest.mark.slow
def test_a_sealer_that_stands_still_is_seen_and_so_is_its_return() -> None:
    with home_for_up() as runner:
        assert runner.up().returncode == 0
        eventually(lambda: runner.status()["sealing"]["silent_seconds"] < 5)
        assert runner.status()["sealing"]["alarm"] is False
        assert "wait to be sealed" not in trust_page(runner)
        sealer = psutil.Process(runner.pid("sealer"))
        sealer.send_signal(signal.SIGSTOP)  # alive, as far as its supervisor sees
        try:
            assert runner.safehold("tenant", "create", "Acme", "--slug", "acme").returncode == 0
            eventually(lambda: runner.status()["sealing"]["waiting_seconds"] > 10)
            status = json.loads(runner.safehold("status", "--json").stdout)
            assert status["sealing"]["alarm"] is True
            assert "ALARM: the oldest event has been waiting" in runner.safehold("status").stdout
            assert "wait to be sealed" in trust_page(runner)
            proof = runner.safehold("prove", "AUD-2", "--json")
            assert proof.returncode == 1
            (found,) = json.loads(proof.stdout)["promises"]
            assert found["result"] == "broken"
            assert "waiting for their place" in found["summary"]
            eventually(lambda: said(runner, "sealing is behind") == 1)
        finally:
            os.kill(sealer.pid, signal.SIGCONT)
        eventually(lambda: runner.status()["sealing"]["alarm"] is False)
        eventually(lambda: said(runner, "sealing has caught up") == 1)
        assert said(runner, "sealing is behind") == 1
        assert "ALARM" not in runner.safehold("status").stdout
        assert "wait to be sealed" not in trust_page(runner)
        assert runner.safehold("down").returncode == 0
        assert runner.status()["sealing"] is None
