"""Many writers at once while programs are killed: nothing may be missing, doubled or wrong, and no check may cry wolf.

    safehold up --detach --home DIR && SAFEHOLD_HOME=DIR .venv/bin/python tools/audit_storm.py --events 1000000

It works on a running installation that may be thrown away: 64 writers (threads in processes) write events of made-up
workspaces, one to forty in a transaction. Meanwhile writers and sealers are killed with kill -9 at chance moments and
started again, two sealers at once beside the installation's own, and logs are verified as they grow. At the end
every event that was acknowledged has its one place, and every log and every export of one verifies. It prints what it
found as JSON; exit status 1 if anything is wrong. The suite runs the same at a smaller size.
"""

# Django is set up after this file is read, so rooms are imported where they are needed; chance here guards nothing.
# ruff: noqa: PLC0415, S311
from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self
from uuid import UUID

_SEAL = """
import threading
import django
django.setup()
from safehold.foundation.audit.sealer import run_forever
print("ready", flush=True)
run_forever(threading.Event())
"""


@dataclass
class Storm:
    """How it blows, and what came of it."""

    events: int
    writers: int = 64
    processes: int = 8
    tenants: int = 24
    sealers: int = 2
    every: float = 0.7
    """Seconds between two kills, about."""
    least_kills: int = 4
    """It blows on until so many were killed, however fast events come."""
    acknowledged: dict[UUID, set[UUID]] = field(default_factory=dict)
    kills: int = 0
    checks: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many events were acknowledged."""
        return sum(map(len, self.acknowledged.values()))


def blow(storm: Storm) -> None:
    """All of it, from made-up workspaces to the last verified export."""
    logs = _workspaces(storm.tenants)
    storm.acknowledged = {log: set() for log in logs}
    held = {}
    with ExitStack() as stack:
        writing = [stack.enter_context(_Child(storm, logs)) for _ in range(storm.processes)]
        sealing = [stack.enter_context(_Child(storm)) for _ in range(storm.sealers)]
        while storm.count < storm.events or storm.kills < storm.least_kills:
            time.sleep(random.uniform(0, 2 * storm.every))
            for group in (writing, sealing):
                random.choice(group).again()
                storm.kills += 1
            _check(storm, logs)
            held |= _heads(logs, held)
        for child in writing:
            child.stop()
        _settle(logs)
    _compare(storm, logs)
    for log in logs:
        _verify(storm, log, held.get(log))


class _Child:
    """A writing or sealing process that can be killed and started again."""

    def __init__(self, storm: Storm, logs: list[UUID] | None = None) -> None:
        self.storm, self.logs = storm, logs

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def again(self) -> None:
        """Killed at this very moment, and started anew."""
        self.stop()
        self._start()

    def stop(self) -> None:
        """Kill -9; what it had said until then counts."""
        self.process.kill()
        self.process.wait()
        self.reading.join()

    def _start(self) -> None:
        role = "app" if self.logs else "sealer"
        threads = str(max(1, self.storm.writers // self.storm.processes))
        command = [sys.executable, "-c", _SEAL]
        if self.logs:
            command = [sys.executable, __file__, "--write", ",".join(map(str, self.logs)), "--threads", threads]
        environment = os.environ | {"SAFEHOLD_ROLE": role, "SAFEHOLD_POOL": "off"}  # a connection for each thread
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self.reading = threading.Thread(target=self._read, args=(self.process.stdout,))
        self.reading.start()

    def _read(self, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                words = line.split()
                if line.endswith("\n") and len(words) > 1:  # a line that was cut off acknowledges nothing
                    self.storm.acknowledged[UUID(words[0])] |= {UUID(word) for word in words[1:]}


def write(logs: list[UUID], threads: int) -> None:
    """What a writing process does until it is killed: write, commit, say what is acknowledged."""
    from django.db import OperationalError, connection

    from safehold.foundation.audit import events, flows
    from safehold.foundation.scope.transaction import scoped

    said = threading.Lock()

    def work() -> None:
        while True:
            scope = _scope(random.choice(logs))
            entries = [flows.Entry(on="record:1", fields={"permission": "p", "route": "r"})] * random.randint(1, 40)
            try:
                with scoped(scope):
                    ids = flows.record_many(scope, events.DENIED, entries)
            except OperationalError:  # more connections than the server has: nothing was written or acknowledged
                connection.close()
                time.sleep(0.1)
                continue
            with said:
                print(scope.tenant_id, *ids, flush=True)

    for _ in range(threads):
        threading.Thread(target=work).start()


def _scope(log: UUID) -> Any:
    from safehold.foundation.access.matrix import Role
    from safehold.foundation.scope.scope import Kind, Scope

    return Scope(Kind.TENANT, "system:storm", tenant_id=log, role=Role.OWNER, departments=(0,), address="192.0.2.1")


def _workspaces(number: int) -> list[UUID]:
    from safehold.foundation.scope.clock import new_id
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows, selectors

    found = []
    for at in range(number):
        with scoped(selectors.platform_scope("storm")) as platform:
            made = flows.create_tenant(
                scope=platform, name=f"Storm {at}", slug=f"storm-{new_id().hex[-12:]}", plan="enterprise"
            )
            found.append(made.id)
    return found


def _check(storm: Storm, logs: list[UUID]) -> None:
    """The live check of AUD-2, on two logs that grow meanwhile."""
    from safehold.foundation.audit.probes.chain import nothing_was_changed_unseen
    from safehold.foundation.scope import clock
    from safehold.kernel.promise import ProbeContext

    left, right = random.sample(logs, 2)
    found = nothing_was_changed_unseen(ProbeContext(now=clock.now(), left=left, right=right))
    storm.checks += 1
    faults = found.evidence.get("faults", [])
    storm.wrong += [f"while it grew: {fault}" for fault in faults] if isinstance(faults, list) else []


def _heads(logs: list[UUID], known: dict[UUID, str]) -> dict[UUID, str]:
    """What an auditor keeps: the first signed head that each log has."""
    from safehold.foundation.audit import selectors
    from safehold.foundation.scope.transaction import scoped
    from safehold.kernel.errors import SafeholdError

    found = {}
    for log in logs:
        if log not in known:
            with scoped(_scope(log)) as scope:
                try:
                    found[log] = selectors.newest_note(scope=scope)
                except SafeholdError:
                    continue
    return found


@contextmanager
def _as_sealer() -> Iterator[Any]:
    from safehold.foundation.audit.statements import connect

    with connect("sealer") as session:
        session.autocommit = True
        yield session


def _settle(logs: list[UUID]) -> None:
    """Wait until every event has its place and every head is signed."""
    with _as_sealer() as session:
        ask = "select count(*) from audit_log where tenant_id = any(%s) and (checked_size < size or note is null)"
        waiting = (
            "select exists (select from audit_event e where not exists (select from audit_leaf l"
            " where l.tenant_id = e.tenant_id and l.event_id = e.id) and e.tenant_id = any(%s))"
        )
        while session.execute(waiting, [logs]).fetchone()[0] or session.execute(ask, [logs]).fetchone()[0]:
            time.sleep(0.5)


def _compare(storm: Storm, logs: list[UUID]) -> None:
    """Every acknowledged event has a place; no place is missing or doubled."""
    with _as_sealer() as session:
        for log in logs:
            rows = session.execute("select index, event_id from audit_leaf where tenant_id = %s order by index", [log])
            places = rows.fetchall()
            ids = [row[1] for row in places]
            if [row[0] for row in places] != list(range(len(places))):
                storm.wrong.append(f"{log}: a gap")
            if len(set(ids)) != len(ids):
                storm.wrong.append(f"{log}: a double")
            if lost := storm.acknowledged[log] - set(ids):
                storm.wrong.append(f"{log}: {len(lost)} acknowledged events are nowhere")


def _verify(storm: Storm, log: UUID, held: str | None) -> None:
    """The stored log, and an export of it with nothing but the key and a head kept from before."""
    from safehold.foundation.audit import flows
    from safehold.foundation.audit.signing import published_keys
    from safehold.foundation.audit.statements import installation
    from safehold.foundation.audit.verification import verify_log
    from safehold.foundation.scope import clock
    from safehold.foundation.scope.transaction import scoped
    from safehold.kernel.errors import SafeholdError
    from safehold.kernel.verifier import verify as verify_file

    with scoped(_scope(log)) as scope:
        found = verify_log(scope=scope, now=clock.now())
        if found.fault:
            storm.wrong.append(f"{log}: {found.fault}")
        data = b"".join(flows.export_log(scope=scope).pieces)
    try:
        report = verify_file(io.BytesIO(data), published_keys(installation()), held)
    except SafeholdError as error:
        storm.wrong.append(f"{log}, its export: {error.message}")
    else:
        if report.count < len(storm.acknowledged[log]):
            storm.wrong.append(f"{log}: its export has {report.count} events")


def main() -> int:
    """Blow, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--tenants", type=int, default=24)
    parser.add_argument("--every", type=float, default=2.0)
    parser.add_argument("--write", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
    os.environ |= {"DJANGO_SETTINGS_MODULE": "safehold.project.settings", "SAFEHOLD_POOL": "off"}
    import django

    django.setup()
    if options.write:
        write([UUID(word) for word in options.write.split(",")], options.threads)
        return 0
    storm = Storm(options.events, options.writers, tenants=options.tenants, every=options.every)
    began = time.monotonic()
    blow(storm)
    told = {"events": storm.count, "kills": storm.kills, "checks": storm.checks, "wrong": storm.wrong}
    print(json.dumps(told | {"seconds": round(time.monotonic() - began, 1)}, indent=1))
    return 1 if storm.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
