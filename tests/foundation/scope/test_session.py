"""Nothing that a statement leaves in its session reaches the connection's next borrower, however the request ends.

Statements are stacked as somebody would stack them who found a hole: Django's cursor puts values into the text itself,
so one string may end the transaction and begin another.
"""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.utils import OperationalError, ProgrammingError

from factories import system
from safehold.foundation.scope.transaction import rebind, scoped

pytestmark = pytest.mark.usefixtures("pool_of_one")

ROWS = "select count(*) from tenancy_department"

# What is left, the question that would find it, and what the question finds in a fresh session.
LEFT = {
    "a setting": ("set statement_timeout = 0", "show statement_timeout", "30s"),
    "a search path": ("set search_path = safehold, public", "show search_path", "public, pg_temp"),
    "escapes": ("set standard_conforming_strings = off", "show standard_conforming_strings", "on"),
    "reading only": ("set default_transaction_read_only = on", "show default_transaction_read_only", "off"),
    "a cursor": ("declare left_over cursor with hold for select 1", "select count(*) from pg_cursors", 0),
    "a subscription": ("listen left_over", "select count(*) from pg_listening_channels()", 0),
    "a prepared statement": ("prepare left_over as select 1", "select count(*) from pg_prepared_statements", 0),
    "an advisory lock": (
        "select pg_advisory_lock(4711)",
        "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
        0,
    ),
    "its ticket": (
        "select set_config('safehold.ticket', current_setting('safehold.ticket'), false)",
        "select coalesce(current_setting('safehold.ticket', true), '')",
        "",
    ),
}
STAYS = "select set_config('safehold.ticket', current_setting('safehold.ticket'), false); commit"


def run(statement: str) -> object:
    cursor = connections["default"].cursor()
    cursor.execute(statement)
    return cursor.fetchone()[0] if cursor.description else None


def backend() -> int:
    return connections["default"].backend()


def next_borrower(question: str) -> object:
    """What the next request on the same connection finds, before it has bound itself to anything."""
    connections["default"].close()
    with pytest.raises(ProgrammingError, match="no scope"):
        run(ROWS)
    return run(question)


@pytest.mark.parametrize("end", ["commit", "rollback", "error", "stacked", "stacked and rolled back"])
@pytest.mark.parametrize(("leave", "question", "fresh"), LEFT.values(), ids=LEFT)
def test_what_a_statement_leaves_is_gone(pair, leave, question, fresh, end):
    with scoped(system(pair[0])):
        served = backend()
    try:
        with scoped(system(pair[0])):
            run(f"{leave}; commit; begin" if end.startswith("stacked") else leave)
            if end == "error":
                run("select 1 / 0")
            if end.endswith(("rollback", "rolled back")):
                transaction.set_rollback(True)
    except DatabaseError:
        assert end == "error"
    assert next_borrower(question) == fresh
    assert backend() == served


@pytest.mark.parametrize("after", ["nothing", "another scope", "a failure"])
def test_a_statement_that_ends_the_transaction_is_an_error(pair, after):
    first, second = (system(tenant) for tenant in pair)
    with pytest.raises((OperationalError, ZeroDivisionError), match=r"before its time|division"), scoped(first):
        run(STAYS)
        if after == "another scope":
            rebind(second)
        if after == "a failure":
            raise ZeroDivisionError("division")
    assert next_borrower("show safehold.ticket") in ("", None)


def test_what_follows_such_a_statement_reaches_its_own_tenant_at_most(pair):
    with scoped(system(pair[0])):
        run(STAYS)
        assert run("select distinct tenant_id from tenancy_department") == pair[0].id
    assert next_borrower("show safehold.ticket") in ("", None)
    with pytest.raises(ProgrammingError, match="no scope"), scoped(system(pair[0])):
        run("commit")
        run(ROWS)


def test_a_connection_whose_transaction_was_never_ended_is_not_used_again(pair):
    with pytest.raises(OperationalError, match="nothing of it was kept"), scoped(system(pair[0])):
        served = backend()
        run("set search_path = nowhere; commit; begin")
        connections["default"].close()
    assert next_borrower("show search_path") == "public, pg_temp"
    assert backend() != served


def test_a_plain_transaction_may_have_done_nothing():
    with transaction.atomic():
        pass
    assert next_borrower("select 1") == 1


def test_the_last_value_of_a_sequence_is_forgotten(pair, superuser):
    superuser.execute("create sequence public.left_over; grant usage on sequence public.left_over to safehold_app")
    try:
        with scoped(system(pair[0])):
            run("select nextval('left_over')")
        with pytest.raises(OperationalError, match="not yet defined"):
            next_borrower("select lastval()")
    finally:
        connections["default"].close()
        superuser.execute("drop sequence public.left_over")
