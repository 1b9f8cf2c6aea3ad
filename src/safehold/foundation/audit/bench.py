"""`safehold bench audit`: what auditing costs writers, how fast events are sealed, and how fast they are verified.

Events go to a second set of the log's tables in a scratch schema, made by the same SQL files and dropped afterwards, by
the real flows, sealer, export and verifier. Writers take turns with and without their events; a sealer process is at
work during both. The product's own writes, those that rooms list as write probes, are rolled back.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from time import perf_counter, sleep
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from safehold.foundation.access.matrix import Role
from safehold.foundation.audit import flows, selectors
from safehold.foundation.audit.conf import PASS_SECONDS
from safehold.foundation.audit.events import DENIED
from safehold.foundation.audit.naming import scope_named
from safehold.foundation.audit.probes.writing import WriteProbe, write_probes
from safehold.foundation.audit.sealer import Sealer
from safehold.foundation.audit.signing import published_keys, signer
from safehold.foundation.audit.statements import Connection, connect, installation, statement
from safehold.foundation.scope import clock
from safehold.foundation.scope.migrations_support import sql_text
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.verifier import verify

__all__ = ["BENCHES", "run"]

Measure = dict[str, object]

_LOOK_THERE = "-c search_path=audit_bench,public"
_FIELDS = {"permission": "records:records:read", "route": "records"}
_WRITERS = 4
_ROUNDS = 15
_SECONDS = 0.5
_TURNS = 30
_EVENTS = 40_000
_MANY = 200


def run() -> list[Measure]:
    """All measures, in the scratch schema."""
    with tempfile.TemporaryDirectory() as folder, _scratch() as owner:
        writer = replace(scope_named("canary-left", "bench"), departments=(0,), address="192.0.2.1")
        with _at_work(folder):
            measures = _product_writes(writer) + _writing(writer)
        with closing(_sealer_there()) as session:
            sealer = Sealer(session, replace(installation(), home=Path(folder)), signer(installation()))
            sealer.catch_up()
            owner.execute(statement("bench", "settle"))
            measures += _sealing(sealer)
            measures += _verifying(sealer)
        return measures


BENCHES = {"audit": run}


@contextmanager
def _scratch() -> Iterator[Connection]:
    """The scratch schema, and this thread's Django connection looking there."""
    with closing(connect("owner")) as owner:
        owner.autocommit = True
        with owner.transaction():  # No table is left without its policies, not even here.
            owner.execute(statement("bench", "make"))
            for file in ("002_tables.sql", "003_rights.sql", "005_events.sql"):
                owner.execute(sql_text(__package__, file))
            owner.execute(statement("bench", "finish"))
        try:
            with _looking_there():
                yield owner
        finally:
            owner.execute(statement("bench", "drop"))


@contextmanager
def _looking_there() -> Iterator[None]:
    """A connection of its own for this thread, outside the pool, that sees the scratch schema first."""
    usual = connections[DEFAULT_DB_ALIAS]
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    options = {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"}
    own.settings_dict = {**own.settings_dict, "OPTIONS": {**options, "options": _LOOK_THERE}}
    connections[DEFAULT_DB_ALIAS] = own
    try:
        yield
    finally:
        own.close()
        connections[DEFAULT_DB_ALIAS] = usual


@contextmanager
def _at_work(folder: str) -> Iterator[None]:
    """A sealer in a process of its own, as in production."""
    program = f"import django; django.setup(); from {__name__} import seal_for_ever; seal_for_ever({folder!r})"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        try:
            if process.stdout:
                process.stdout.readline()
            yield
        finally:
            process.kill()


def seal_for_ever(folder: str) -> None:
    """What the sealer process does until it is killed."""
    with closing(_sealer_there()) as session:
        sealer = Sealer(session, replace(installation(), home=Path(folder)), signer(installation()))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            if not sealer.step():
                sleep(PASS_SECONDS)


def _sealer_there() -> Connection:
    session = connect("sealer", options=_LOOK_THERE)
    session.autocommit = True
    return session


@contextmanager
def _unaudited() -> Iterator[None]:
    """Flows that record nothing, in this process of a bench, whose writes are all rolled back or in scratch tables."""
    usual = flows.record_many
    vars(flows)["record_many"] = lambda _scope, _type, entries: [clock.new_id() for _ in entries]
    try:
        yield
    finally:
        vars(flows)["record_many"] = usual


def _product_writes(scope: Scope) -> list[Measure]:
    """The write paths of all rooms, one after the other, with and without their events."""
    seconds = {True: 0.0, False: 0.0}
    probes = write_probes()
    for probe in probes:
        times: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(_TURNS):
            for audited in (True, False) if turn % 2 else (False, True):
                times[audited].append(_rolled_back(scope, probe, audited=audited))
        for audited, taken in times.items():
            seconds[audited] += statistics.median(taken)
    if not probes:
        return []
    rate = {audited: len(probes) / taken for audited, taken in seconds.items()}
    what = f"the product's own writes, {len(probes)} kinds, audited against unaudited"
    return [_measure(what, rate[True], rate[False], "a second")]


def _rolled_back(scope: Scope, probe: WriteProbe, *, audited: bool) -> float:
    with nullcontext() if audited else _unaudited():
        began = perf_counter()
        with scoped(scope):
            probe.run(scope)
            transaction.set_rollback(True)
        return perf_counter() - began


def _writing(writer: Scope) -> list[Measure]:
    """Rows a second with and without an event each, taking turns; and how long events waited for their place."""
    scopes = [writer] * _WRITERS
    waits: list[float] = []
    watch = threading.Thread(target=_watch, args=(_scope(99), waits, done := threading.Event()))
    _write_for(_SECONDS, scopes, audited=True)  # warms keys, plans and caches
    watch.start()
    rates: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(_ROUNDS):
        for audited in (True, False) if turn % 2 else (False, True):
            rates[audited].append(_write_for(_SECONDS, scopes, audited=audited))
    done.set()
    watch.join()
    ours, baseline = statistics.median(rates[True]), statistics.median(rates[False])
    late = sorted(waits)[int(len(waits) * 0.99)] if waits else 0.0
    what = f"bare rows a second from {_WRITERS} writers, one a transaction, audited against unaudited"
    return [
        _measure(what, ours, baseline, "rows/s"),
        _measure("seconds until an event has its place, 99 of 100, against the aim", late, 2.0, "s"),
    ]


def _write_for(seconds: float, scopes: list[Scope], *, audited: bool) -> float:
    counts: list[int] = []

    def work(scope: Scope) -> None:
        with _looking_there():
            until, count = perf_counter() + seconds, 0
            while perf_counter() < until:
                with scoped(scope):
                    _write(scope, audited=audited)
                count += 1
            counts.append(count)

    _together([lambda scope=scope: work(scope) for scope in scopes])  # type: ignore[misc]  # a default binds each scope
    return sum(counts) / seconds


def _write(scope: Scope, *, audited: bool) -> None:
    row = clock.new_id()
    with connection.cursor() as cursor:
        cursor.execute(statement("bench", "write"), (scope.tenant, row, f"Row {row}", b"\x01" * 120))
    if audited:
        flows.record(scope, DENIED, on=f"record:{row}", fields=_FIELDS)


def _watch(scope: Scope, waits: list[float], done: threading.Event) -> None:
    """Write an event now and then, and take the time until it has its place."""
    with _looking_there():
        while not done.is_set():
            with scoped(scope):
                event_id = flows.record(scope, DENIED, fields=_FIELDS)
            began = perf_counter()
            selectors.wait_sealed(scope=scope, event_id=event_id, timeout=60)
            waits.append(perf_counter() - began)
            sleep(0.05)


def _sealing(sealer: Sealer) -> list[Measure]:
    """Events sealed a second: of one tenant, and of many."""
    rates: dict[int, list[float]] = {}
    for tenants in (1, _MANY, 1, _MANY):
        for number in range(tenants):
            _fill(_scope(1000 + number), _EVENTS // tenants)
        began, sealed = perf_counter(), 0
        while count := sealer.seal():
            sealed += count
        rates.setdefault(tenants, []).append(sealed / (perf_counter() - began))
    hot, many = max(rates[1]), max(rates[_MANY])
    return [
        _measure(f"events of {_MANY} tenants sealed a second, against the aim", many, 10_000, "events/s"),
        _measure(f"events of one hot tenant sealed a second, against {_MANY} tenants", hot, many, "events/s"),
    ]


def _fill(scope: Scope, count: int) -> None:
    for start in range(0, count, 1_000):
        with scoped(scope):
            entries = [flows.Entry(fields=_FIELDS) for _ in range(min(1_000, count - start))]
            flows.record_many(scope, DENIED, entries)


def _verifying(sealer: Sealer) -> list[Measure]:
    """Events of one tenant's export that the offline verifier reads a second."""
    scope = _scope(1000)
    sealer.catch_up()
    with scoped(scope):
        data = b"".join(flows.export_log(scope=scope).pieces)
    began = perf_counter()
    report = verify(io.BytesIO(data), published_keys(installation()))
    rate = report.count / (perf_counter() - began)
    return [
        _measure(
            f"events of an export of {report.count:,} verified a second, against the aim", rate, 200_000, "events/s"
        )
    ]


def _scope(number: int) -> Scope:
    tenant = UUID(f"00000000-0000-7000-9000-{number:012x}")
    return Scope(Kind.TENANT, "system:bench", tenant_id=tenant, role=Role.OWNER, departments=(0,))


def _together(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _measure(what: str, ours: float, baseline: float, unit: str) -> Measure:
    return {"what": what, "ours": ours, "baseline": baseline, "ratio": ours / baseline, "unit": unit}
