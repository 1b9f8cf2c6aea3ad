"""Use is counted by kind of page, without holding anybody up; nothing of who used what for whom is kept."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection

from factories import make_tenant, scope_of, system
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.usage import counting, flows, jobs, selectors
from safehold.foundation.usage.conf import FLUSH_SECONDS, ROUTE
from safehold.kernel.errors import Denied, Invalid
from support.callers import Caller
from support.visitors import Visitor, plain

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]

TODAY = datetime.now(UTC).date()
PAGE = "GET /t/<slug:slug>/usage/"


@pytest.fixture(autouse=True)
def _from_nought(monkeypatch):
    """What other tests had asked for is not counted here."""
    monkeypatch.setattr(counting, "_process", counting.Counter())


@pytest.fixture
def tenant():
    return make_tenant()


def counted(tenant, first: date = TODAY, last: date = TODAY) -> dict[str, int]:
    with scoped(system(tenant)) as scope:
        return {row.route: row.count for row in selectors.counts(scope=scope, first=first, last=last)}


def put(tenant, day: date, route: str = PAGE, number: int = 1) -> None:
    with scoped(system(tenant)) as scope:
        flows.add_counts(scope=scope, counted={(day, route): number})


def test_page_views_and_actions_are_counted_by_their_kind(tenant):
    person, caller = Visitor(tenant, "owner"), Caller(tenant, "owner")
    for _ in range(3):
        assert person.get("usage/", text="secret words").status_code == 200
    person.client.head(person.path("usage/"), secure=True)
    person.post("departments/", {"name": "Third"})
    caller.call("GET", "members")
    assert counting.flush() == 1
    found = counted(tenant)
    assert found[PAGE] == 4
    assert found["GET /api/v1/members"] == 1
    assert [name for name in found if name.startswith("POST /t/<slug:slug>/departments/")]
    assert not any("secret" in name or tenant.slug in name for name in found)
    person.get("usage/")
    counting.flush()
    assert counted(tenant)[PAGE] == 5


def test_what_is_refused_absent_or_asked_in_a_made_up_way_is_not_counted(tenant):
    person = Visitor(tenant, "viewer")
    assert person.get("usage/").status_code == 403
    assert person.get("nowhere/").status_code == 404
    assert person.client.generic("SECRETWORD", person.path(), secure=True).status_code < 500
    counting.flush()
    assert not [name for name in counted(tenant) if "usage" in name or "SECRET" in name]


def test_every_address_of_a_workspace_can_be_counted():
    """No pattern has a form that the rule keeps out: that page would never be counted."""
    import re

    from django.urls import get_resolver

    def walk(resolver, before=""):
        for each in resolver.url_patterns:
            route = before + str(each.pattern)
            if hasattr(each, "url_patterns"):
                yield from walk(each, route)
            else:
                yield route

    found = [route for route in walk(get_resolver()) if route.startswith(("t/", "api/"))]
    assert len(found) > 40
    assert [route for route in found if not re.fullmatch(ROUTE, f"GET /{route}")] == []


@pytest.mark.parametrize(
    "route",
    [
        "GET /t/acme/?text=secret",
        "GET /t/robin@example.com/",
        "GET /t/0190a000-0000-7000-8000-00000000000a/",
        "LOOK /t/",
        "",
    ],
)
def test_the_table_has_no_place_for_anything_else(tenant, route):
    with pytest.raises(IntegrityError):
        put(tenant, TODAY, route)


def test_one_tenants_counts_are_no_other_s(tenant):
    other = make_tenant()
    put(tenant, TODAY)
    assert counted(other) == {}
    with pytest.raises(DatabaseError), scoped(system(other)), connection.cursor() as cursor:
        cursor.execute(
            "insert into usage_count (tenant_id, day, route, count) values (%s, %s, %s, 1)", [tenant.id, TODAY, PAGE]
        )


def test_many_count_at_once_and_two_processes_write_at_once(tenant):
    ours = [counting.Counter() for _ in range(2)]
    routes = [f"GET /t/<slug:slug>/page-{number}/" for number in range(20)]

    def work(counter):
        for number in range(200):
            counter.add(tenant.id, {(TODAY, routes[number % 20]): 1})

    def write(counter):
        for counts in counter.take().values():
            with scoped(system(tenant)) as scope:
                flows.add_counts(scope=scope, counted=dict(reversed(counts.items())))
        connection.close()

    for job in (work, write):
        threads = [threading.Thread(target=job, args=(counter,)) for counter in ours for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counted(tenant) == dict.fromkeys(routes, 80)


def test_counting_takes_no_statement_in_the_request(tenant):
    """A row that every request of a tenant added to would make them wait for each other."""
    person = Visitor(tenant, "owner")
    person.get("usage/")
    assert counted(tenant) == {}
    counting.flush()
    assert counted(tenant) != {}


def test_what_cant_be_written_now_is_written_later_and_a_tenant_that_is_gone_is_let_go(tenant, monkeypatch):
    from django.db import OperationalError

    counting.count(tenant.id, TODAY, PAGE)
    counting.count(clock.new_id(), TODAY, PAGE)
    right = flows.add_counts

    def away(**_):
        raise OperationalError("the server is away")

    monkeypatch.setattr(flows, "add_counts", away)
    assert counting.flush() == 0
    monkeypatch.setattr(flows, "add_counts", right)
    assert counting.flush() == 1
    assert counted(tenant) == {PAGE: 1}
    assert counting.flush() == 0


def test_a_process_writes_down_as_it_goes_and_when_it_ends(installation, tenant):
    """What the web process does, in a process of its own: it counts, and ends before the next round is due."""
    import os
    import subprocess
    import sys

    program = f"""
import django
django.setup()
from uuid import UUID
from datetime import date
from safehold.foundation.usage import counting
import multiprocessing

def child():
    counting.keep_flushing()
    counting.count(UUID("{tenant.id}"), date.fromisoformat("{TODAY}"), "{PAGE}")

other = multiprocessing.get_context("fork").Process(target=child)
other.start()
other.join()
assert other.exitcode == 0
child()
"""
    environment = os.environ | {"SAFEHOLD_ROLE": "app", "SAFEHOLD_HOME": str(installation.home)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert counted(tenant) == {PAGE: 2}
    assert FLUSH_SECONDS <= 10  # what a killed process may lose, as docs and page say: seconds


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 26), date(2025, 10, 26)),
        (date(2026, 1, 5), date(2024, 12, 5)),
        (date(2026, 3, 31), date(2025, 3, 1)),
    ],
)
def test_thirteen_months_are_kept(today, first):
    assert flows._first_kept(today) == first


def test_the_worker_forgets_what_has_been_kept_long_enough(tenant, monkeypatch):
    old, kept = TODAY - timedelta(days=400), TODAY - timedelta(days=390)
    other = make_tenant()
    for one in (tenant, other):
        put(one, old)
        put(one, kept)
    jobs.forget_old_usage(timestamp=0)
    for one in (tenant, other):
        with scoped(system(one)) as scope:
            assert [row.day for row in selectors.counts(scope=scope, first=date(2000, 1, 1), last=TODAY)] == [kept]
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=30))
    monkeypatch.setattr(flows, "now", clock.now)
    jobs.forget_old_usage(timestamp=0)
    assert counted(tenant, date(2000, 1, 1)) == {}


def test_the_page_shows_days_and_kinds_and_owners_alone_see_it(tenant):
    put(tenant, TODAY, PAGE, 7)
    put(tenant, TODAY - timedelta(days=60), "POST /t/<slug:slug>/records/", 2)
    person = Visitor(tenant, "owner")
    answer = person.get("usage/")
    text = plain(answer)
    assert "<svg" in answer.content.decode()
    assert "/t/<slug:slug>/usage/" in text
    assert "Action (POST)" not in text
    assert "Action (POST)" in plain(person.get("usage/", days="90"))
    assert person.get("usage/", days="nonsense").status_code == 200
    assert "Nothing counted in this period" in plain(Visitor(make_tenant(), "admin").get("usage/"))
    assert Visitor(tenant, "manager").get("usage/").status_code == 403


def test_the_api_gives_days_and_routes(tenant):
    put(tenant, TODAY, PAGE, 7)
    put(tenant, TODAY - timedelta(days=40), PAGE, 2)
    caller = Caller(tenant, "owner")
    assert caller.call("GET", "usage").data == [{"day": TODAY.isoformat(), "route": PAGE, "count": 7}]
    asked = f"usage?first={TODAY - timedelta(days=50)}&last={TODAY - timedelta(days=30)}"
    assert [row["count"] for row in caller.call("GET", asked).data] == [2]


def test_reading_needs_the_right_and_a_period(tenant):
    with scoped(scope_of(tenant, "manager")) as scope, pytest.raises(Denied):
        selectors.counts(scope=scope, first=TODAY, last=TODAY)
    with scoped(system(tenant)) as scope, pytest.raises(Invalid):
        selectors.usage(scope=scope, first=TODAY, last=TODAY - timedelta(days=1))


def test_nobody_without_a_tenant_counts():
    with pytest.raises(Denied):
        flows.add_counts(scope=Scope(Kind.PLATFORM, actor="system:test"), counted={(TODAY, PAGE): 1})
    flows.add_counts(scope=Scope(Kind.PLATFORM, actor="system:test"), counted={})
