"""The database belongs to one environment: it says so, nobody else starts on it, and a database that lies is seen."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest

from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.errors import OtherEnvironment
from safehold.kernel.promise import ProbeContext, Result

pytestmark = pytest.mark.usefixtures("installation")


@contextmanager
def named(superuser, name: str):
    """The database of another environment, for a while."""
    superuser.execute("update safehold.environment set name = %s", [name])
    try:
        yield
    finally:
        superuser.execute("update safehold.environment set name = 'test'")


def check():
    from safehold.foundation.scope.promises import check_database_environment

    return check_database_environment(ProbeContext(now(), new_id(), new_id()))


def test_the_database_says_whose_it_is():
    from safehold.foundation.scope.environment import name_of_database, refuse_other_database

    assert name_of_database() == "test"
    refuse_other_database("test")
    finding = check()
    assert finding.result is Result.KEPT, finding
    assert "production" in finding.evidence["refused"]


def test_another_environment_is_refused_with_both_names_and_what_to_do(superuser):
    from safehold.foundation.scope.environment import refuse_other_database

    with named(superuser, "production"), pytest.raises(OtherEnvironment) as caught:
        refuse_other_database("test")
    assert caught.value.message == "This database belongs to the environment production, but the settings say test."
    assert 'environment = "production"' in caught.value.hint


@pytest.mark.parametrize("carrier", ["database", "key ring", "stored files"])
def test_no_process_starts_on_anothers(superuser, installation, carrier):
    from safehold.foundation.keys.errors import KeyRingMismatch
    from safehold.foundation.objects.errors import StoreMismatch
    from safehold.operations.environment import refuse_other_environment

    refuse_other_environment(installation)
    with pytest.raises((OtherEnvironment, KeyRingMismatch, StoreMismatch)) as caught:
        refuse_other_environment(replace(installation, environment="staging"), [carrier])
    assert "test" in caught.value.message
    assert "staging" in caught.value.message


def test_a_process_that_serves_asks_first(superuser, monkeypatch):
    from safehold.operations.processes import child

    monkeypatch.setenv("SAFEHOLD_ROLE", "app")
    child.refuse_unsafe_role()
    with named(superuser, "production"), pytest.raises(OtherEnvironment):
        child.refuse_unsafe_role()


def test_preparing_keeps_the_first_name(superuser, installation):
    """By the process that prepares: what belongs to production isn't taken over by being prepared again."""
    from support import homes

    with named(superuser, "production"), pytest.raises(RuntimeError, match="belongs to the environment production"):
        homes.prepare(installation)
    homes.prepare(installation)
    assert superuser.execute("select name from safehold.environment").fetchall() == [("test",)]


def test_a_database_under_another_name_is_seen(superuser):
    with named(superuser, "production"):
        finding = check()
    assert (finding.result, finding.evidence["said"]) == (Result.BROKEN, "production")
    assert check().result is Result.KEPT


def test_a_database_without_a_name_is_seen(superuser):
    superuser.execute("delete from safehold.environment")
    try:
        finding = check()
    finally:
        superuser.execute("insert into safehold.environment (name) values ('test')")
    assert finding.result is Result.BROKEN
    assert "no environment" in finding.summary


def test_an_app_role_that_may_rename_is_seen(superuser):
    superuser.execute("grant update, insert, delete on safehold.environment to safehold_app")
    try:
        finding = check()
    finally:
        superuser.execute("revoke update, insert, delete on safehold.environment from safehold_app")
    assert (finding.result, finding.evidence["could"]) == (Result.BROKEN, ["mark", "overwrite", "forget"])
    assert superuser.execute("select name from safehold.environment").fetchall() == [("test",)]


def test_a_refusal_that_lets_everybody_pass_is_seen(monkeypatch):
    from safehold.foundation.scope import promises

    monkeypatch.setattr(promises, "refuse_other_database", lambda _: None)
    finding = check()
    assert finding.result is Result.BROKEN
    assert "staging" in finding.evidence["taken_for"]
