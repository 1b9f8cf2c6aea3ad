"""A hundred thousand requests of many threads over one and over four connections: nothing is carried over.

Each tenant has a canary, a name that nobody else has. Each request asks for canaries without naming a tenant and must
get its own alone; when it has ended, however it ended, a bare statement on the same connection must be refused. Most
requests are short; some are violent: killed, cancelled, timed out, left in the middle, or full of statements that try
to leave something behind. Some queue a job, which a real worker takes from the queue by its own login and does over the
requests' pool, between them.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from psycopg.pq import DiagnosticField

from factories import make_tenant, system
from safehold.foundation.jobs.flows import queue_job
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.errors import LazyResponse
from safehold.foundation.scope.middleware import ScopeMiddleware
from safehold.foundation.scope.transaction import current_scope, rebind, run_apart, scoped
from support import poolers
from support.callers import Caller
from support.installations import eventually
from support.jobs import queue_connector
from support.pools import Pool, pool_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("installation")]

SEED = int(os.environ.get("SAFEHOLD_TEST_SEED", "20261124"))
REQUESTS = {1: 30_000, 4: 70_000}  # by the size of the pool; threads wait longer for one connection
if poolers.asked_for():
    REQUESTS = {1: 5_000, 4: 10_000}  # as violent, with fewer short ones between
THREADS = 8
CANARIES = "select tenant_id, name from tenancy_department where number = 1"
GONE = (DatabaseError, InterfaceError)
TASK = "tests.canary"


class Fault(Exception):
    """Raised on purpose, in the middle of a request."""


class Tenants:
    """The tenants with their canaries, and one with every means to kill."""

    def __init__(self, superuser_at: str) -> None:
        self.all = []
        for number in range(6):
            tenant = make_tenant(departments=[f"canary {number} {os.urandom(4).hex()}"])
            self.all.append((tenant, system(tenant), Caller(tenant, "manager")))
        self.superuser_at = superuser_at
        self.canaries = {}
        for tenant, scope, _ in self.all:
            with scoped(scope):
                self.canaries[tenant.id] = ask(CANARIES)[0][1]


class Worker:
    """The queue's worker, in a thread with an event loop of its own; its jobs take their connections from the pool."""

    def __init__(self, tenants: Tenants, pool: Pool, admin: psycopg.Connection[Any]) -> None:
        self.tenants, self.pool, self.admin = tenants, pool, admin
        self.asked: dict[UUID, UUID] = {}
        self.done: Counter[UUID] = Counter()
        self.wrong: list[str] = []
        self._enough = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._loop()), name="worker")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    async def _loop(self) -> None:
        from procrastinate.contrib.django import app
        from procrastinate.periodic import PeriodicRegistry

        working = app.with_connector(queue_connector())
        working.periodic_registry = PeriodicRegistry()
        async with working.open_async():
            work = working.run_worker_async(
                concurrency=2,
                fetch_job_polling_interval=0.02,
                shutdown_graceful_timeout=30,
                listen_notify=False,
                delete_jobs="always",
                install_signal_handlers=False,
            )
            working_on = asyncio.create_task(work)
            await asyncio.to_thread(self._enough.wait)
            working_on.cancel()
            await asyncio.gather(working_on, return_exceptions=True)

    def do(self, tenant: UUID, visit: UUID) -> None:
        """One job: looks around before, inside and after its scope, and ends in one of several ways."""
        with self.pool.used():
            draw = random.Random(visit.int)
            try:
                refused()
                self._look(tenant, draw.choice(["well", "badly", "killed", "stacked", "kept", "left"]))
            except BaseException as error:
                self.wrong.append(f"job of {tenant}: {error!r}")
                raise
            finally:
                self.done[visit] += 1
                self._refused_after()

    def _look(self, tenant: UUID, ending: str) -> None:
        try:
            with scoped(system(tenant)):
                found = ask(CANARIES)
                assert found == [(tenant, self.tenants.canaries[tenant])], (tenant, found)
                self._end(ending)
        except (*GONE, Fault):
            assert ending not in ("well", "kept"), ending

    def _end(self, ending: str) -> None:
        keep = "select set_config('safehold.ticket', current_setting('safehold.ticket'), false)"
        if ending == "badly":
            raise Fault
        if ending == "killed":
            self.admin.execute("select pg_terminate_backend(%s)", [connections["default"].backend()])
        elif ending == "stacked":
            ask(f"{keep}; commit; begin")
            ask("select 1 / 0")
        elif ending == "kept":
            ask(keep)
        elif ending == "left":
            connections["default"].close()

    def _refused_after(self) -> None:
        try:
            refused()
        except AssertionError as error:
            self.wrong.append(f"after a job: {error!r}")


class Visit:
    """One request: whose it is, and where it goes."""

    def __init__(self, worker: Worker, draw: random.Random, admin: psycopg.Connection[Any]) -> None:
        self.worker, self.draw, self.admin = worker, draw, admin
        tenants, self.pool = worker.tenants, worker.pool
        self.tenants = tenants
        self.tenant, self.scope, self.caller = draw.choice(tenants.all)
        self.other, self.others_scope, _ = draw.choice(tenants.all)

    def sees_its_own(self, tenant: Any = None) -> None:
        tenant = tenant or self.tenant
        found = ask(CANARIES)
        assert found == [(tenant.id, self.tenants.canaries[tenant.id])], (tenant.id, found)

    def kill(self, function: str) -> None:
        backend = connections["default"].backend()
        assert self.admin.execute(f"select {function}(%s)", [backend]).fetchone() == (True,)

    @contextmanager
    def cancelling(self) -> Iterator[None]:
        """From another thread, asks to cancel what runs until something was: a backend that is idle doesn't hear it."""
        backend, enough = connections["default"].backend(), threading.Event()

        def again_and_again() -> None:
            while not enough.wait(0.005):
                self.admin.execute("select pg_cancel_backend(%s)", [backend])

        thread = threading.Thread(target=again_and_again)
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()


def ask(statement: str) -> list[Any]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refused() -> None:
    """A bare statement on this thread's connection is refused; libpq's own function, so that it costs little."""
    if connections["default"].connection is None:
        connections["default"].ensure_connection()
    result = connections["default"].connection.pgconn.exec_(CANARIES.encode())
    state = result.error_field(DiagnosticField.SQLSTATE)
    assert state == b"42501", (state, result.ntuples and result.get_value(0, 1))


def through_middleware(visit: Visit, view: Callable[[Any], Any]) -> Any:
    def bound(request: Any) -> Any:
        rebind(visit.scope)
        return view(request)

    return ScopeMiddleware(bound)(RequestFactory().get("/", REMOTE_ADDR="192.0.2.7"))


# Kinds of request. Each does its worst, and hands on only what it wasn't made for.


def short(visit: Visit) -> None:
    with scoped(visit.scope):
        visit.sees_its_own()


def request(visit: Visit) -> None:
    rows = f"{CANARIES} and number = 1"

    def view(_: Any) -> HttpResponse:
        late = Template("{% for row in rows %}{{ row.1 }}{% endfor %}").render(Context({"rows": lambda: ask(rows)}))
        return HttpResponse(late, status=visit.draw.choice([200, 302, 404, 500, 503]))

    assert through_middleware(visit, view).content.decode() == visit.tenants.canaries[visit.tenant.id]


def api(visit: Visit) -> None:
    answer = visit.caller.call("get", "departments")
    assert [row["name"] for row in answer.data if row["number"] == 1] == [visit.tenants.canaries[visit.tenant.id]]


def nested(visit: Visit) -> None:
    with scoped(visit.scope):
        try:
            with scoped(visit.others_scope):
                visit.sees_its_own(visit.other)
                if visit.draw.random() < 0.5:
                    raise Fault  # noqa: TRY301
                with transaction.atomic():
                    rebind(visit.scope)
                    visit.sees_its_own()
        except Fault:
            pass
        assert current_scope() is visit.scope
        visit.sees_its_own()


def rebound(visit: Visit) -> None:
    with scoped(visit.others_scope):
        visit.sees_its_own(visit.other)
        rebind(visit.scope)
        visit.sees_its_own()


def failing(visit: Visit) -> None:
    error = visit.draw.choice([Fault, SystemExit, KeyboardInterrupt, GeneratorExit, MemoryError])
    try:
        if visit.draw.random() < 0.5:
            through_middleware(visit, lambda _: (visit.sees_its_own(), (_ for _ in ()).throw(error()))[0])
        with scoped(visit.scope):
            visit.sees_its_own()
            raise error  # noqa: TRY301
    except error:
        pass
    except RuntimeError as turned:
        assert isinstance(turned.__context__, error)  # noqa: PT017


def broken_statement(visit: Visit) -> None:
    try:
        with scoped(visit.scope):
            visit.sees_its_own()
            ask(visit.draw.choice(["select 1 / 0", "select nonsense", "insert into tenancy_department default values"]))
    except DatabaseError:
        return
    pytest.fail("a broken statement went through")


def swallowed(visit: Visit) -> None:
    def view(_: Any) -> HttpResponse:
        try:
            ask("select 1 / 0")
        except DatabaseError:
            return HttpResponse("all is well")

    with pytest.raises(DatabaseError, match="nothing of it could be kept"):
        through_middleware(visit, view)


def streamed(visit: Visit) -> None:
    with pytest.raises(LazyResponse):
        through_middleware(visit, lambda _: StreamingHttpResponse(row[1] for row in ask(CANARIES)))


def timed_out(visit: Visit) -> None:
    with pytest.raises(DatabaseError, match="statement timeout"), scoped(visit.scope):
        ask("set local statement_timeout = 1")
        ask("select pg_sleep(30)")


def cancelled(visit: Visit) -> None:
    with pytest.raises(DatabaseError, match="user request"), scoped(visit.scope):
        visit.sees_its_own()
        with visit.cancelling():
            ask("select pg_sleep(30)")


def killed(visit: Visit) -> None:
    with pytest.raises(GONE), scoped(visit.scope):
        visit.sees_its_own()
        visit.kill("pg_terminate_backend")
        ask("select pg_sleep(30)")


def killed_at_the_end(visit: Visit) -> None:
    with pytest.raises(GONE), scoped(visit.scope):
        visit.sees_its_own()
        visit.kill("pg_terminate_backend")


def left_in_the_middle(visit: Visit) -> None:
    """The thread's connection is closed while the transaction is open, as when a server ends a thread."""
    with pytest.raises(DatabaseError, match="closed before"), scoped(visit.scope):
        visit.sees_its_own()
        connections["default"].close()


def stacked(visit: Visit) -> None:
    """Somebody ends the transaction, keeps the ticket for the session, and has the request fail."""
    keep = "select set_config('safehold.ticket', current_setting('safehold.ticket'), false)"
    more = "set search_path = safehold; declare kept cursor with hold for select * from tenancy_department"
    with pytest.raises(DatabaseError), scoped(visit.scope):
        ask(f"{keep}; commit; begin; {more if visit.draw.random() < 0.5 else keep}")
        ask("select 1 / 0")


def kept_for_the_session(visit: Visit) -> None:
    with scoped(visit.scope):
        ask("select set_config('safehold.ticket', current_setting('safehold.ticket'), false)")
        ask("declare kept cursor with hold for select * from tenancy_department")


def apart(visit: Visit) -> None:
    with scoped(visit.scope):
        run_apart(visit.others_scope, visit.sees_its_own, visit.other)
        visit.sees_its_own()


def job(visit: Visit) -> None:
    """As the worker runs jobs: in a thread that an event loop hands them to, from within somebody's context."""

    def work() -> None:
        with visit.pool.used():
            refused()
            with scoped(visit.scope):
                visit.sees_its_own()
            refused()

    connections["default"].close()
    asyncio.run(asyncio.to_thread(work))


def queued(visit: Visit) -> None:
    """A job of the tenant's, stored with the request or not at all."""
    identifier, fails = new_id(), visit.draw.random() < 0.3
    try:
        with scoped(visit.scope):
            assert queue_job(scope=visit.scope, task=TASK, visit=identifier)
            visit.sees_its_own()
            if fails:
                raise Fault  # noqa: TRY301
    except Fault:
        return
    visit.worker.asked[identifier] = visit.tenant.id


VIOLENT: dict[Callable[[Visit], None], int] = {
    request: 1_000,
    nested: 800,
    rebound: 800,
    failing: 500,
    queued: 400,
    broken_statement: 300,
    swallowed: 100,
    stacked: 150,
    kept_for_the_session: 150,
    streamed: 100,
    left_in_the_middle: 60,
    api: 60,
    apart: 40,
    job: 40,
    timed_out: 40,
    cancelled: 20,
    killed: 20,
    killed_at_the_end: 20,
}
"""How often each but the short ones comes in each of the two runs."""


@pytest.fixture(scope="module")
def tenants(installation) -> Tenants:
    from safehold.operations.database.prepare import admin_conninfo

    return Tenants(admin_conninfo(installation))


@pytest.fixture
def doing(tenants) -> Iterator[dict[str, Worker]]:
    """The task that requests queue, declared and registered; it does what the worker of the moment has for it."""
    from procrastinate.contrib.django import app

    from safehold.foundation.jobs import tasks

    at_work: dict[str, Worker] = {}

    def canary(context: Any, tenant: UUID, visit: UUID) -> None:
        assert context.task.name == TASK
        at_work["now"].do(tenant, visit)

    with psycopg.connect(tenants.superuser_at, dbname="safehold_test", autocommit=True) as admin:
        tasks.tenant_task(name=TASK)(canary)
        admin.execute("delete from procrastinate_jobs")  # what other tests left waiting
        admin.execute("insert into safehold.job_task values (%s, %s)", [TASK, ["visit"]])
        yield at_work
        admin.execute("delete from safehold.job_task where name = %s", [TASK])
    del tasks._TASKS[TASK], app.tasks[TASK]


@pytest.mark.parametrize("size", REQUESTS)
def test_nothing_is_carried_over(tenants, doing, size):
    plan = [kind for kind, times in VIOLENT.items() for _ in range(times)]
    plan += [short] * (REQUESTS[size] - len(plan))
    random.Random(SEED).shuffle(plan)
    done: list[int] = []

    def thread(number: int, worker: Worker) -> Callable[[], None]:
        draw = random.Random(f"{SEED}-{size}-{number}")

        def work() -> None:
            with psycopg.connect(tenants.superuser_at, autocommit=True) as admin:
                for turn in range(number, len(plan), THREADS):
                    _one(plan[turn], Visit(worker, draw, admin), turn)
                    done.append(turn)

        return work

    with (
        pool_of(size) as pool,
        psycopg.connect(tenants.superuser_at, autocommit=True) as admin,
        Worker(tenants, pool, admin) as worker,
    ):
        doing["now"] = worker
        raised = pool.run([thread(number, worker) for number in range(THREADS)])
        assert raised == [], f"SAFEHOLD_TEST_SEED={SEED}: {raised[0]!r}, {raised[0].__notes__}"
        eventually(lambda: worker.done.keys() >= worker.asked.keys(), 120)
    assert sorted(done) == list(range(REQUESTS[size]))
    assert worker.wrong == [], f"SAFEHOLD_TEST_SEED={SEED}"
    assert worker.done == Counter(list(worker.asked)), "a job was done twice, or one whose request was undone"
    assert len(worker.asked) > VIOLENT[queued] / 2


def _one(kind: Callable[[Visit], None], visit: Visit, turn: int) -> None:
    """A request of this kind, and what must hold after it: on its connection, and on the next one borrowed."""
    try:
        kind(visit)
        refused()
        connections["default"].close()
    except BaseException as error:
        error.add_note(f"request {turn}: {kind.__name__} of {visit.tenant.id}")
        raise
