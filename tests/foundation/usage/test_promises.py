"""AUD-9 is shown broken in each way there is."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.test import override_settings

from factories import make_tenant, system
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.foundation.usage import counting, middleware, selectors
from safehold.foundation.usage.probes.counted import use_is_counted_and_nothing_else
from safehold.kernel.promise import ProbeContext, Result

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]


@pytest.fixture
def probe():
    left, right = tenancy.canaries()
    return ProbeContext(now=clock.now(), left=left, right=right)


def rows(tenant_id) -> list:
    with scoped(system(tenant_id)) as scope:
        return selectors.counts(scope=scope, first=date(2000, 1, 1), last=date(3000, 1, 1))


def test_use_is_counted_and_the_check_leaves_nothing(probe):
    before = rows(probe.left)
    counting._process.take()  # what tests before have left
    found = use_is_counted_and_nothing_else(probe)
    assert found.result is Result.KEPT, found.evidence
    assert found.evidence["answers"] == [200, 200, 200, 404]
    assert rows(probe.left) == before
    assert counting._process.take().get(probe.left) is None


def test_a_middleware_that_is_missing_is_seen(probe):
    without = [name for name in settings.MIDDLEWARE if "usage" not in name]
    with override_settings(MIDDLEWARE=without):
        found = use_is_counted_and_nothing_else(probe)
    assert found.result is Result.BROKEN
    assert found.evidence["counted"] == {}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [(".*", "refused"), ("[^?]*", "refused")],
    ids=["the whole address", "the address with its id"],
)
def test_what_keeps_the_address_is_refused_by_the_table(probe, monkeypatch, pattern, words):
    import re

    monkeypatch.setattr(middleware, "_ROUTE", re.compile(pattern))
    whole = pattern == ".*"
    monkeypatch.setattr(
        middleware, "route_of", lambda request: f"GET {request.get_full_path() if whole else request.path}"
    )
    found = use_is_counted_and_nothing_else(probe)
    assert found.result is Result.BROKEN
    assert words in found.summary


def test_what_gets_past_the_table_is_found(probe, monkeypatch, superuser):
    """The rule of the table gone, and the address kept."""
    import re

    (name, rule) = superuser.execute(
        "select conname, pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'usage_count'::regclass and conname like '%route%'"
    ).fetchone()
    superuser.execute(f"alter table usage_count drop constraint {name}")
    monkeypatch.setattr(middleware, "_ROUTE", re.compile(".*"))
    monkeypatch.setattr(middleware, "route_of", lambda request: f"GET {request.get_full_path()}")
    try:
        found = use_is_counted_and_nothing_else(probe)
    finally:
        superuser.execute(f"alter table usage_count add constraint {name} {rule}")
    assert found.result is Result.BROKEN
    assert "more than its kind" in found.summary


def test_a_column_for_who_it_was_is_seen(probe, superuser):
    superuser.execute("alter table usage_count add column member_id uuid")
    try:
        found = use_is_counted_and_nothing_else(probe)
    finally:
        superuser.execute("alter table usage_count drop column member_id")
    assert found.result is Result.BROKEN
    assert "more than counts" in found.summary


def test_counts_that_are_lost_or_doubled_are_seen(probe, monkeypatch):
    from safehold.foundation.usage import flows

    right = flows.add_counts
    for factor in (0, 2):

        def wrong(*, scope, counted, factor=factor):
            right(scope=scope, counted={key: number * factor for key, number in counted.items() if factor})

        monkeypatch.setattr(flows, "add_counts", wrong)
        assert use_is_counted_and_nothing_else(probe).result is Result.BROKEN


def test_other_tenants_are_left_alone(probe):
    tenant = make_tenant()
    use_is_counted_and_nothing_else(probe)
    assert rows(tenant.id) == []
