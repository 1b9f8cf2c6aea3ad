"""ACC-2 and ACC-3 hold, and their checks see it when they don't."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import psycopg
import pytest

from factories import system
from safehold.foundation.access import matrix
from safehold.foundation.access.matrix import FieldClass, Role
from safehold.foundation.scope.scope import Scope
from safehold.kernel.promise import Finding, ProbeContext, Result
from safehold.workspace.records import canary


@pytest.fixture
def probe(installation) -> ProbeContext:
    from safehold.assurance.runner import probe_context
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records.flows import plant_canaries

    context = probe_context()
    for tenant in (context.left, context.right):
        with scoped(system(tenant)) as scope:
            plant_canaries(scope=scope)
    return context


def masking(probe: ProbeContext) -> Finding:
    from safehold.workspace.records.probes.masking import viewers_see_no_sealed_field

    return viewers_see_no_sealed_field(probe)


def departments(probe: ProbeContext) -> Finding:
    from safehold.workspace.records.probes.departments import departments_are_apart

    return departments_are_apart(probe)


def leaks(finding: Finding) -> str:
    assert finding.result is Result.BROKEN, finding
    return str(finding.evidence["leaks"])


@contextmanager
def as_owner(installation, before: str, after: str) -> Iterator[None]:
    """Something that only the database's owner can do, undone afterwards."""
    login = installation.login("owner")
    with psycopg.connect(
        host=login.host, port=login.port, dbname=login.name, user=login.user, password=login.password, autocommit=True
    ) as connection:
        connection.execute(before)
        try:
            yield
        finally:
            connection.execute(after)


def test_both_are_kept(probe):
    for check in (masking, departments):
        finding = check(probe)
        assert finding.result is Result.KEPT, finding
        assert finding.evidence["tries"] > 50


def test_the_register_knows_the_checks_and_the_planted_values(probe):
    from safehold.foundation.keys import canaries
    from safehold.workspace.records.promises import CHECKS, PROMISES

    assert [check.promise for check in CHECKS] == ["ACC-2", "ACC-3", "ACC-6"]
    assert {promise.id for promise in PROMISES} == {f"WRK-{number}" for number in range(1, 14)}
    assert set(canary.LABELS.values()) <= set(canaries.PLANTED)


def test_planting_twice_plants_once(probe):
    from safehold.foundation.scope.transaction import scoped
    from safehold.workspace.records import selectors

    with scoped(system(probe.left)) as scope:
        records = selectors.records(scope, canary.COLLECTION).records
    assert [(record.values["code"], record.department, record.version) for record in records] == [
        ("general", 0, 2),
        ("second", 1, 2),
    ]


@pytest.mark.parametrize("field_class", [FieldClass.CONFIDENTIAL, FieldClass.PERSONAL, FieldClass.SENSITIVE])
def test_a_role_that_sees_too_much_is_found(probe, monkeypatch, field_class):
    more = {**matrix.FIELD_READS, Role.VIEWER: frozenset({FieldClass.OPEN, field_class})}
    monkeypatch.setattr("safehold.foundation.scope.scope.FIELD_READS", more)
    found = leaks(masking(probe))
    assert "viewer: list" in found
    assert "viewer: export" in found


@pytest.mark.parametrize(
    ("module", "way"), [("lists", "viewer: list"), ("lists", "viewer: API list"), ("history", "viewer: API history")]
)
def test_one_selector_that_forgets_to_narrow_is_found(probe, monkeypatch, module, way):
    from safehold.workspace.records.selectors.collections import whole_collection

    careless = import_module(f"safehold.workspace.records.selectors.{module}")
    monkeypatch.setattr(careless, "collection", whole_collection)
    assert way in leaks(masking(probe))


def test_a_search_that_finds_by_hidden_words_is_found(probe, monkeypatch):
    from safehold.workspace.records.selectors import conditions
    from safehold.workspace.records.selectors.collections import whole_collection
    from safehold.workspace.records.words import query_words

    def careless(shape, q):
        owner = Scope(kind="tenant", actor="system:test", tenant_id=shape.tenant_id, role=Role.OWNER)
        return query_words(whole_collection(owner, shape.key), q)

    monkeypatch.setattr(conditions, "query_words", careless)
    assert "viewer: search for the value of personal" in leaks(masking(probe))


def test_an_error_that_tells_of_a_hidden_field_is_found(probe, monkeypatch):
    from safehold.kernel.errors import Denied
    from safehold.workspace.records.selectors import conditions, lists

    found = conditions.conditions

    def telling(scope, shape, query):
        if any(asked.key == "personal" for asked in query.filters):
            raise Denied("You may not filter by that.")
        return found(scope, shape, query)

    monkeypatch.setattr(lists, "conditions", telling)
    assert "viewer: filter by personal" in leaks(masking(probe))


def test_a_probe_that_sees_nothing_proves_nothing(probe, monkeypatch):
    monkeypatch.setattr("safehold.workspace.records.canary.planted", lambda _: "something else")
    finding = masking(probe)
    assert finding.result is Result.BROKEN
    assert "blind" in finding.summary


@pytest.mark.parametrize("table", ["records_record", "records_version", "records_word", "records_unique"])
def test_a_table_without_its_department_policy_is_found(probe, installation, superuser, table):
    (as_it_was,) = superuser.execute(
        "select pg_get_expr(polqual, polrelid) from pg_policy where polrelid = %s::regclass"
        " and polname = 'department_rows'",
        [table],
    ).fetchone()
    with as_owner(
        installation,
        f"ALTER POLICY department_rows ON {table} USING (true)",
        f"ALTER POLICY department_rows ON {table} USING ({as_it_was})",
    ):
        found = leaks(departments(probe))
    assert f"rows of {table}" in found
    if table == "records_record":
        assert "detail" in found
        assert "list" in found
        assert "export" in found


def test_a_scope_that_reaches_every_department_is_found(probe, monkeypatch):
    from safehold.workspace.records.probes import ways

    everywhere = ways.scope_of

    def too_far(tenant_id, role, departments=None):
        return everywhere(tenant_id, role, None)

    monkeypatch.setattr("safehold.workspace.records.probes.departments.scope_of", too_far)
    assert "detail" in leaks(departments(probe))


def test_without_canaries_nothing_is_proved(installation, people):
    from dataclasses import replace

    from safehold.assurance.runner import probe_context

    nothing = replace(probe_context(), left=people.tenant.id, right=people.tenant.id)
    assert masking(nothing).result is Result.UNPROVEN
    assert departments(nothing).result is Result.UNPROVEN


def test_imports_that_wait_end_with_their_senders_rights(probe, installation):
    from safehold.workspace.records.probes.leaving import waiting_imports_end

    finding = waiting_imports_end(probe)
    assert finding.result is Result.KEPT, finding
    keep_waiting = """
        create function public.keep_waiting() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
            as $$ begin new.state := old.state; return new; end $$;
        create trigger keep_waiting before update on records_import for each row when (new.state = 'failed')
            execute function public.keep_waiting();
    """
    with as_owner(installation, keep_waiting, "drop function public.keep_waiting() cascade"):
        finding = waiting_imports_end(probe)
    assert finding.result is Result.BROKEN
    assert finding.evidence["states"] == {"changed role": "waiting", "left": "waiting"}
