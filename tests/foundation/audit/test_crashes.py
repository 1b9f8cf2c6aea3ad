"""A sealer that is killed at any moment leaves no gap and no double, and loses nothing that was acknowledged."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

import factories
from safehold.foundation.audit import events, flows, selectors
from safehold.foundation.audit.verification import verify_log
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import LOGS
from support.auditvectors import audit_storm

DENIED = {"permission": "p", "route": "GET /r"}
PROGRAM = """
import threading
import django
django.setup()
from safehold.foundation.audit.sealer import run_forever
print("sealing", flush=True)
run_forever(threading.Event())
"""


@contextmanager
def sealing(installation, number: int = 1) -> Iterator[None]:
    """Sealer processes from when they are ready until they are killed."""
    environment = os.environ | {"SAFEHOLD_ROLE": "sealer", "SAFEHOLD_HOME": str(installation.home)}
    command = [sys.executable, "-c", PROGRAM]
    with ExitStack() as stack:
        processes = []
        for _ in range(number):
            process = stack.enter_context(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            processes.append(process)
        for process in processes:
            assert process.stdout.readline() == "sealing\n"
        yield


@pytest.mark.slow
def test_killed_sealers_leave_every_event_one_place(installation, superuser):
    tenants = [factories.scope_of(factories.make_tenant(), "owner") for _ in range(4)]
    stop, acknowledged, failures = threading.Event(), [], []

    def write(scope):
        from django.db import connection

        try:
            while not stop.is_set():
                with scoped(scope):
                    ids = flows.record_many(scope, events.DENIED, [flows.Entry(fields=DENIED)] * random.randint(1, 40))
                acknowledged.extend((scope, one) for one in ids)
                time.sleep(0.05)
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(scope,)) for scope in tenants]
    for thread in threads:
        thread.start()
    for _ in range(3):
        # Two at a time: killed at any moment of their work or of their wait for each other.
        with sealing(installation, 2):
            time.sleep(random.uniform(0.1, 0.9))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    with sealing(installation):
        for scope, event_id in (acknowledged[0], acknowledged[-1]):
            selectors.wait_sealed(scope=scope, event_id=event_id, timeout=60)
        time.sleep(3)
    unsealed = superuser.execute(
        "select count(*) from audit_event e where not exists"
        " (select from audit_leaf l where l.tenant_id = e.tenant_id and l.event_id = e.id)"
    ).fetchone()[0]
    assert unsealed == 0
    for scope in tenants:
        with scoped(scope):
            found = verify_log(scope=scope, now=clock.now())
        assert found.fault == ""
        mine = {one for written_by, one in acknowledged if written_by is scope}
        places = superuser.execute("select event_id from audit_leaf where tenant_id = %s", [scope.tenant])
        assert mine <= {row[0] for row in places}
    with scoped(factories.PLATFORM_SCOPE) as platform:
        assert verify_log(scope=platform, now=clock.now(), log=LOGS).fault == ""


@pytest.mark.slow
def test_many_writers_and_killed_processes_raise_no_false_alarm(installation, superuser, sealer, monkeypatch):
    """64 writers, two sealers at once, and something killed every second: see tools/audit_storm.py."""
    from safehold.foundation.audit.probes import chain

    monkeypatch.setattr(chain, "ALARM_SECONDS", 600.0)  # A slow machine is no late sealer.
    sealer.catch_up()  # What tests before have left is no late one either.
    storm = audit_storm.Storm(events=20_000, tenants=12, every=1.0)
    audit_storm.blow(storm)
    assert storm.wrong == []
    assert storm.count >= 20_000
    assert storm.kills >= storm.least_kills
    assert storm.checks >= 2
