"""What probes expect to be refused stays out of the server's log; every other error is logged, theirs too."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from factories import PLATFORM_SCOPE
from safehold.assurance import runner
from safehold.foundation.scope import probes
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows
from safehold.kernel.installation import Installation

pytestmark = pytest.mark.database


@pytest.fixture
def logged(installation: Installation):
    """The lines that the server logs meanwhile and that say a statement failed."""

    @contextmanager
    def lines() -> Iterator[list[str]]:
        log = installation.logs / "database.log"
        before, found = log.stat().st_size, []
        yield found
        found += [line for line in log.read_bytes()[before:].decode().splitlines() if " ERROR: " in line]

    return lines


def fail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM no_such_table")


def test_a_whole_run_of_the_checks_logs_no_error(logged):
    with scoped(PLATFORM_SCOPE):
        flows.ensure_canaries(scope=PLATFORM_SCOPE)
    with logged() as lines:
        entries = [entry for entry in runner.choose(["ISO", "ACC", "AUD-1", "ENC-3"]) if entry.checks]
        assert sum(1 for _ in runner.prove(entries)) > 5
    assert lines == []


def test_an_error_of_the_app_is_logged_before_and_after_a_probe(logged):
    with logged() as lines:
        for _ in range(2):
            with pytest.raises(DatabaseError), transaction.atomic():
                fail()
            with transaction.atomic():
                assert probes.state_of(probes.part("any_at_all", table="audit_event"), {})[0] == probes.REFUSED
                with pytest.raises(DatabaseError), transaction.atomic():
                    fail()
    assert len(lines) == 4
    assert all("no_such_table" in line for line in lines)


def test_what_no_probe_expects_goes_to_the_log_of_its_process(logged, caplog: pytest.LogCaptureFixture):
    with logged() as lines, caplog.at_level(logging.WARNING), transaction.atomic():
        assert probes.state_of(probes.part("any_at_all", table="no_such_table"), {}) == ("42P01", 0)
    assert lines == []
    assert "42P01" in caplog.text


def test_nothing_but_the_level_of_the_log_may_be_set(installation: Installation):
    with connection.cursor() as cursor:
        for name in ("log_statement", "log_min_error_statement", "log_min_duration_statement"):
            with pytest.raises(DatabaseError) as refused:
                cursor.execute(f"SET {name} = default")
            assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
