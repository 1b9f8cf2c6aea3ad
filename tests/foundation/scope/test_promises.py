"""Each check of isolation sees the promise kept, and sees it broken when it is broken on purpose."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from factories import PLATFORM_SCOPE
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.promise import Finding, ProbeContext, Result

pytestmark = pytest.mark.usefixtures("installation")

KEYED = "id uuid not null default gen_random_uuid(), tenant_id uuid not null"


@pytest.fixture(scope="module")
def canaries(installation):
    from safehold.foundation.tenancy import flows

    with scoped(PLATFORM_SCOPE):
        return flows.ensure_canaries(scope=PLATFORM_SCOPE)


@pytest.fixture
def run(canaries):
    from safehold.foundation.scope.promises import CHECKS

    checks = {check.name: check for check in CHECKS}

    def run(name: str) -> Finding:
        return checks[name].run(ProbeContext(now(), *canaries))

    return run


@contextmanager
def broken_by(superuser, break_it: str, repair: str):
    """Break something for real, and put it right again."""
    from django.db import connection

    superuser.execute(break_it)
    try:
        yield
    finally:
        connection.close()
        superuser.execute(repair)


@pytest.fixture
def scratch(superuser, canaries):
    """Two tables with rows of both canaries, one of which refers to the other."""
    superuser.execute(
        f"set role safehold_owner; create table scratch_a ({KEYED}, note text, primary key (tenant_id, id)); "
        f"create table scratch_b ({KEYED}, a uuid); "
        "select safehold.protect_table('scratch_a'), safehold.protect_table('scratch_b'); "
        "alter table scratch_b add constraint scratch_b_a "
        "foreign key (tenant_id, a) references scratch_a (tenant_id, id); "
        "reset role"
    )
    for canary in canaries:
        superuser.execute(
            "with a as (insert into scratch_a (tenant_id) values (%s) returning id, tenant_id) "
            "insert into scratch_b (tenant_id, a) select tenant_id, id from a",
            [canary],
        )
    yield
    superuser.execute("drop table scratch_b, scratch_a")


def test_every_check_finds_its_promise_kept(run, scratch):
    from safehold.foundation.scope.promises import CHECKS

    findings = {check.name: run(check.name) for check in CHECKS}
    assert {name: finding for name, finding in findings.items() if finding.result is not Result.KEPT} == {}
    assert "scratch_b_a" in findings["reference-attempts"].evidence["refused"]


def test_the_promises_are_one_to_seven():
    from safehold.foundation.scope.promises import CHECKS, PROMISES

    assert [promise.id for promise in PROMISES] == [f"ISO-{number}" for number in range(1, 8)]
    assert {check.promise for check in CHECKS} == {f"ISO-{number}" for number in range(1, 7)}


def test_an_undeclared_table_breaks_iso_1(run, superuser):
    with broken_by(superuser, "create table stray (a int)", "drop table stray"):
        finding = run("catalogue")
    assert finding.result is Result.BROKEN
    assert "no_tenant: stray" in str(finding.evidence)


@pytest.mark.parametrize(
    ("break_it", "repair", "says"),
    [
        (
            "create policy leak on scratch_a for select to safehold_app using (true)",
            "drop policy leak on scratch_a",
            "read rows of another tenant from scratch_a",
        ),
        (
            "create policy leak on scratch_a to safehold_app using (true) with check (true)",
            "drop policy leak on scratch_a",
            "delete rows of another tenant in scratch_a",
        ),
        (
            "create policy leak on scratch_a for insert to safehold_app with check (true)",
            "drop policy leak on scratch_a",
            "insert a row for another tenant into scratch_a",
        ),
        (
            "alter table scratch_a disable row level security",
            "alter table scratch_a enable row level security",
            "read rows of another tenant from scratch_a",
        ),
    ],
)
@pytest.mark.usefixtures("scratch")
def test_a_leak_breaks_iso_1(run, superuser, break_it, repair, says):
    with broken_by(superuser, break_it, repair):
        finding = run("other-tenants-rows")
    assert finding.result is Result.BROKEN
    assert says in finding.evidence["through"]


@pytest.mark.parametrize(
    ("break_it", "repair"),
    [
        (
            "alter table tenancy_member no force row level security",
            "alter table tenancy_member force row level security",
        ),
        ("alter role safehold_app bypassrls", "alter role safehold_app nobypassrls"),
        ("alter role safehold_app superuser", "alter role safehold_app nosuperuser"),
        ("grant safehold_owner to safehold_app", "revoke safehold_owner from safehold_app"),
        ("grant truncate on tenancy_member to safehold_app", "revoke truncate on tenancy_member from safehold_app"),
        ("alter role safehold_owner bypassrls", "alter role safehold_owner nobypassrls"),
    ],
)
def test_a_way_round_breaks_iso_2(run, superuser, break_it, repair):
    with broken_by(superuser, break_it, repair):
        assert run("forced-policies").result is Result.BROKEN


def scope_tenant_that(superuser, returns: str) -> tuple[str, str]:
    """Statements that replace the function policies go by, and that restore it."""
    (usual,) = superuser.execute("select pg_get_functiondef('safehold.scope_tenant()'::regprocedure)").fetchone()
    head, _, _ = usual.partition("AS $function$")
    return f"{head}AS $function$begin return {returns}; end$function$", usual


@pytest.mark.parametrize(
    ("returns", "says"),
    [
        ("LEFT::uuid", "none: read scratch_a"),
        ("substr(nullif(current_setting('safehold.ticket', true), ''), 67, 32)::uuid", "signed with another key: read"),
        ("substr(nullif(current_setting('safehold.ticket', true), ''), 67, 32)::uuid", "from before: read"),
        ("null::uuid", "none: insert into scratch_a"),
    ],
)
@pytest.mark.usefixtures("scratch")
def test_a_scope_that_is_not_checked_breaks_iso_3(run, superuser, canaries, returns, says):
    with broken_by(superuser, *scope_tenant_that(superuser, returns.replace("LEFT", f"'{canaries[0]}'"))):
        finding = run("no-scope")
    if returns.startswith("null"):  # nothing is seen, but nothing is refused loudly either: still no leak
        assert finding.result is Result.KEPT, finding
    else:
        assert finding.result is Result.BROKEN
        assert any(says in what for what in finding.evidence["through"])


@pytest.fixture
def connection_to_spoil():
    """A connection that nobody borrows afterwards."""
    from django.db import connection

    connection.close()
    connection.close_pool()
    yield
    connection.close()
    connection.close_pool()


@pytest.mark.usefixtures("connection_to_spoil")
def test_a_scope_that_outlives_its_transaction_breaks_iso_4(run, monkeypatch):
    from safehold.foundation.scope.backend import base

    monkeypatch.setattr(base, "_COMMIT", b"COMMIT")
    finding = run("one-transaction")
    assert finding.result is Result.BROKEN
    assert "kept in the session" in finding.evidence["after"]  # what a pooler gives may have kept more


@pytest.mark.usefixtures("connection_to_spoil")
def test_a_scope_set_for_the_session_breaks_iso_4(run, monkeypatch):
    from safehold.foundation.scope.backend import base

    send = base.DatabaseWrapper._send
    monkeypatch.setattr(base, "_COMMIT", b"COMMIT")
    monkeypatch.setattr(base.DatabaseWrapper, "_send", lambda self, text: send(self, text.replace("SET LOCAL", "SET")))
    assert "committed" in run("one-transaction").evidence["after"]


def test_a_reference_without_the_tenant_breaks_iso_5(run, superuser, scratch):
    loose = "alter table scratch_a add unique (id); alter table scratch_b drop constraint scratch_b_a; "
    loose += "alter table scratch_b add constraint scratch_b_loose foreign key (a) references scratch_a (id)"
    with broken_by(superuser, loose, "select 1"):
        catalogue, live = run("reference-keys"), run("reference-attempts")
    assert catalogue.result is Result.BROKEN
    assert "scratch_b_loose" in str(catalogue.evidence)
    assert live.result is Result.BROKEN
    assert live.evidence["accepted"] == ["scratch_b_loose"]


def test_a_reference_that_is_not_enforced_breaks_iso_5(run, superuser, scratch):
    with broken_by(superuser, "alter table scratch_b disable trigger all", "alter table scratch_b enable trigger all"):
        assert run("reference-attempts").evidence["accepted"] == ["scratch_b_a"]


def test_without_rows_nothing_is_claimed(canaries):
    from uuid import UUID

    from safehold.foundation.scope.promises import check_other_tenants_rows, check_references_live

    nobody = ProbeContext(now(), UUID(int=1 << 100), UUID(int=2 << 100))
    assert check_other_tenants_rows(nobody).result is Result.UNPROVEN
    assert check_references_live(nobody).result is Result.UNPROVEN
