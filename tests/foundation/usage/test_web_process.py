"""The web process itself: what it counted is there a few seconds later, and when it is stopped."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.request

import pytest

from support.installations import Runner, eventually, home_for_up

pytestmark = pytest.mark.slow

_SET_UP = "import django; django.setup(); import sys; sys.path.insert(0, 'tests')\n"
_MAKE = """
from factories import make_tenant
from support.callers import Caller
tenant = make_tenant()
print(tenant.id, Caller(tenant, "manager").token)
"""
_READ = """
from datetime import UTC, datetime
from uuid import UUID
import json
from factories import system
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.usage import selectors
today = datetime.now(UTC).date()
with scoped(system(UUID("{tenant}"))) as scope:
    print(json.dumps({{row.route: row.count for row in selectors.counts(scope=scope, first=today, last=today)}}))
"""


def inside(runner: Runner, program: str) -> str:
    """What a program prints that speaks to the installation's database as the app does."""
    environment = os.environ | {
        "SAFEHOLD_HOME": str(runner.home),
        "SAFEHOLD_ROLE": "app",
        "DJANGO_SETTINGS_MODULE": "safehold.project.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", _SET_UP + program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_counts_are_written_as_it_runs_and_when_it_stops() -> None:
    with home_for_up() as runner:
        assert runner.up().returncode == 0
        tenant, token = inside(runner, _MAKE).split()
        context = ssl.create_default_context(cafile=str(runner.home / "tls" / "cert.pem"))

        def ask(times: int) -> None:
            for _ in range(times):
                request = urllib.request.Request(
                    f"https://localhost:{runner.port}/api/v1/members?text=secret",
                    headers={"Authorization": f"Bearer {token}"},
                )
                with urllib.request.urlopen(request, timeout=20, context=context) as answer:  # noqa: S310  (ours)
                    assert answer.status == 200

        def counted() -> dict[str, int]:
            found: dict[str, int] = json.loads(inside(runner, _READ.format(tenant=tenant)))
            return found

        ask(3)
        eventually(lambda: counted() == {"GET /api/v1/members": 3})
        ask(2)
        before = runner.pid("web")
        os.kill(before, signal.SIGTERM)  # at once: the next round isn't due
        eventually(lambda: runner.pid("web") != before and runner.answers())
        assert counted() == {"GET /api/v1/members": 5}
