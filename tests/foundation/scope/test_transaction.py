"""Scoped transactions: bound, nested, restored, and gone when they end."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.utils import OperationalError, ProgrammingError

from factories import PLATFORM_SCOPE, system
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.errors import NoScope
from safehold.foundation.scope.transaction import current_scope, rebind, run_apart, scoped

pytestmark = pytest.mark.usefixtures("installation")


def tenants_seen() -> set[object]:
    from safehold.foundation.tenancy.models import Department

    return set(Department.objects.values_list("tenant_id", flat=True))


def add(scope, name: str = "") -> None:
    from safehold.foundation.tenancy.models import Department

    number = int(new_id().hex[-7:], 16)
    Department.objects.create(tenant_id=scope.tenant_id, number=number, name=name or str(number))


def names(scope) -> set[str]:
    from safehold.foundation.tenancy.models import Department

    with scoped(scope):
        return set(Department.objects.values_list("name", flat=True))


def refused() -> None:
    with pytest.raises(ProgrammingError, match="no scope"), transaction.atomic():
        tenants_seen()


def test_outside_a_scope_nothing_is_read_or_written(pair):
    with pytest.raises(ProgrammingError, match="no scope"):
        tenants_seen()
    with pytest.raises(ProgrammingError, match="no scope"):
        add(system(pair[0]))
    with pytest.raises(NoScope):
        current_scope()
    with pytest.raises(NoScope):
        rebind(PLATFORM_SCOPE)
    with transaction.atomic():
        refused()


def test_a_scope_ends_with_its_transaction(pair):
    left = system(pair[0])
    with scoped(left) as given:
        assert given is current_scope() is left
        assert tenants_seen() == {pair[0].id}
    refused()
    with pytest.raises(RuntimeError, match="on purpose"), scoped(left):
        add(left, "rolled back")
        raise RuntimeError("on purpose")
    refused()
    assert "rolled back" not in names(left)


def test_nested_scopes_restore_the_outer_one(pair):
    left, right = (system(tenant) for tenant in pair)
    with scoped(left):
        with scoped(right):
            assert tenants_seen() == {pair[1].id}
            with scoped(left):
                assert tenants_seen() == {pair[0].id}
            assert (tenants_seen(), current_scope()) == ({pair[1].id}, right)
        assert (tenants_seen(), current_scope()) == ({pair[0].id}, left)
        add(left, "kept")
    assert "kept" in names(left)


@pytest.mark.parametrize("fault", [RuntimeError("on purpose"), None], ids=["python", "database"])
def test_an_error_inside_restores_the_outer_one_and_undoes_the_inner(pair, fault):
    left, right = (system(tenant) for tenant in pair)
    with scoped(left):
        with pytest.raises((RuntimeError, IntegrityError)), scoped(right):
            add(right, "undone")
            if fault:
                raise fault
            add(right, "undone")  # the same name again
        assert (tenants_seen(), current_scope()) == ({pair[0].id}, left)
    assert "undone" not in names(right)


def test_a_rolled_back_inner_scope_restores_the_outer_one(pair):
    left, right = (system(tenant) for tenant in pair)
    with scoped(left):
        with scoped(right):
            add(right, "flagged")
            transaction.set_rollback(True)
        assert (tenants_seen(), current_scope()) == ({pair[0].id}, left)
    assert "flagged" not in names(right)


def test_rebind_goes_on_in_the_same_transaction(pair):
    left, right = (system(tenant) for tenant in pair)
    with scoped(PLATFORM_SCOPE):
        rebind(left)
        add(left, "first")
        rebind(right)
        assert (tenants_seen(), current_scope()) == ({pair[1].id}, right)
    assert "first" in names(left)
    refused()


def test_savepoints_of_others_keep_the_scope(pair):
    left = system(pair[0])
    with scoped(left):
        with pytest.raises(IntegrityError), transaction.atomic():
            add(left, "twice")
            add(left, "twice")
        assert tenants_seen() == {pair[0].id}
        with transaction.atomic():
            rebind(system(pair[1]))
        assert tenants_seen() == {pair[1].id}


def test_inside_somebodys_plain_transaction(pair):
    with transaction.atomic():
        with scoped(system(pair[0])):
            assert tenants_seen() == {pair[0].id}
        refused()


def test_a_failed_statement_is_never_committed_in_silence(pair):
    left = system(pair[0])
    with pytest.raises(OperationalError, match="nothing of it could be kept"), scoped(left):
        add(left, "lost")
        with pytest.raises(DatabaseError):
            connection.cursor().execute("select 1/0")
    refused()
    assert "lost" not in names(left)


def test_a_scope_from_a_broken_connection_is_an_error_without_the_ticket(pair):
    with pytest.raises(OperationalError) as caught, scoped(system(pair[0])):
        connection.connection.close()
        rebind(system(pair[1]))
    assert pair[1].id.hex not in str(caught.value)
    connection.close()
    refused()


def test_the_ticket_is_in_no_query_log(pair):
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    try:
        with scoped(system(pair[0])), scoped(system(pair[1])):
            tenants_seen()
        log = str(connection.queries)
    finally:
        connection.force_debug_cursor = False
    assert "tenancy_department" in log
    assert "safehold.ticket" not in log


@pytest.mark.usefixtures("pool_of_one")
def test_a_pool_of_one_connection_carries_nothing_over(pair):
    left, right = (system(tenant) for tenant in pair)
    served = set()
    for turn in range(200):
        scope, tenant = (left, pair[0]) if turn % 3 else (right, pair[1])
        try:
            with scoped(scope):
                served.add(connections["default"].backend())
                assert tenants_seen() == {tenant.id}
                if turn % 5 == 0:
                    raise RuntimeError("on purpose")  # noqa: TRY301
                if turn % 7 == 0:
                    connections["default"].cursor().execute("select nonsense")
        except (RuntimeError, DatabaseError):
            pass
        refused()
        connections["default"].close()  # as at a request's end: back to the pool
        refused()
    assert len(served) == 1


@pytest.mark.usefixtures("pool_of_one")
def test_what_a_transaction_sets_ends_with_it(pair):
    with scoped(system(pair[0])):
        cursor = connections["default"].cursor()
        cursor.execute("select current_setting('safehold.ticket')")
        ticket = cursor.fetchone()[0]
        cursor.execute("set statement_timeout = 0")
        cursor.execute("set search_path = nowhere")
        cursor.execute("select set_config('safehold.ticket', %s, false)", [ticket])
    refused()
    cursor = connections["default"].cursor()
    cursor.execute("select current_setting('statement_timeout'), current_setting('search_path')")
    assert cursor.fetchone() == ("30s", "public, pg_temp")


@pytest.mark.usefixtures("pool_of_one")
def test_run_apart_stays_and_needs_no_second_connection_of_the_pool(pair):
    left, right = (system(tenant) for tenant in pair)
    with pytest.raises(RuntimeError), scoped(left):
        add(left, "inside")
        run_apart(right, add, right, "apart")
        assert current_scope() is left
        raise RuntimeError
    assert "inside" not in names(left)
    assert "apart" in names(right)


def test_run_apart_hands_back_results_and_errors(pair):
    scope = system(pair[0])
    with scoped(PLATFORM_SCOPE):
        assert run_apart(scope, tenants_seen) == {pair[0].id}
        with pytest.raises(ZeroDivisionError):
            run_apart(scope, lambda: 1 / 0)
    with pytest.raises(IntegrityError):
        run_apart(scope, lambda: [add(scope, "again"), add(scope, "again")])
    assert "again" not in names(scope)


def test_threads_have_scopes_of_their_own(pair):
    scopes = [system(tenant) for tenant in pair]
    wrong: list[object] = []

    def work(scope, tenant) -> None:
        try:
            for _ in range(50):
                with scoped(scope):
                    if tenants_seen() != {tenant.id} or current_scope() is not scope:
                        wrong.append(scope)
                try:
                    tenants_seen()
                    wrong.append("unscoped")
                except ProgrammingError:
                    pass
        except Exception as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work, args=(scopes[n % 2], pair[n % 2])) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_behind_a_pooler_the_ticket_is_bound_to_the_real_backend(pair, monkeypatch):
    from safehold.foundation.scope.backend.base import DatabaseWrapper

    monkeypatch.setattr(DatabaseWrapper, "_pooled", True)
    with scoped(system(pair[0])), scoped(system(pair[1])):
        assert tenants_seen() == {pair[1].id}
    refused()


def test_another_engine_is_refused(monkeypatch):
    from django.db.backends.postgresql.base import DatabaseWrapper

    usual = connections["default"]
    connections["default"] = DatabaseWrapper(usual.settings_dict, "default")
    try:
        with pytest.raises(NoScope, match="engine"):
            current_scope()
    finally:
        connections["default"] = usual
