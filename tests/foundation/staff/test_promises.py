"""ACC-4, ACC-5 and ACC-6 hold, and their checks see it when they don't: each is broken on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from factories import make_member
from safehold.foundation.scope.clock import new_id
from safehold.kernel.promise import ProbeContext, Result
from support.staffers import Staffer

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def probe(installation) -> ProbeContext:
    from safehold.assurance.runner import probe_context

    return probe_context()


def check(name: str, probe: ProbeContext):
    from safehold.foundation.staff.promises import CHECKS

    return next(each for each in CHECKS if each.run.__name__ == name).run(probe)


def count(superuser) -> list[int]:
    tables = ("staff_member", "staff_grant", "identity_account", "identity_session", "identity_token", "audit_event")
    return [superuser.execute(f"select count(*) from {table}").fetchone()[0] for table in tables]  # noqa: S608


@contextmanager
def changed(superuser, change: str, back: str) -> Iterator[None]:
    superuser.execute(change)
    try:
        yield
    finally:
        superuser.execute(back)


def names() -> list[str]:
    from safehold.foundation.staff.promises import CHECKS

    return [each.run.__name__ for each in CHECKS]


def test_all_are_kept_on_a_sound_system_and_leave_nothing(probe, superuser, staffer, tenant):
    # Tests of other rooms make accounts of staff without the register.
    superuser.execute(
        "update identity_account set is_staff = false "
        "where is_staff and id not in (select account_id from staff_member)"
    )
    staffer.ask(tenant)
    before = count(superuser)
    for name in names():
        found = check(name, probe)
        assert found.result is Result.KEPT, (name, found)
    assert count(superuser) == before


BACK = (
    "update staff_member set name = '{name}', email = '{email}', left_at = null where account_id = '{id}'; "
    "update identity_account set is_active = true where id = '{id}'"
)
FAULTS = {
    "has no full name": "update staff_member set name = 'Pat' where account_id = '{id}'",
    "more than one person": "update staff_member set email = 'support@example.com' where account_id = '{id}'",
    "more than one": "update staff_member set name = '{other}' where account_id = '{id}'",
    "isn't an open account": "update identity_account set is_active = false where id = '{id}'",
    "not on the register": "update staff_member set left_at = now() where account_id = '{id}'",
    "belongs to nobody": "update staff_member set left_at = now() where account_id = '{id}'",
}


@pytest.mark.parametrize("says", FAULTS)
def test_an_entry_that_names_nobody_is_found(probe, superuser, staffer, tenant, says):
    other = Staffer()
    staffer.ask(tenant)
    ids = {"id": staffer.account_id, "other": other.name, "name": staffer.name, "email": staffer.email}
    with changed(superuser, FAULTS[says].format(**ids), BACK.format(**ids)):
        found = check("people_and_grants", probe)
    other.leave()
    assert found.result is Result.BROKEN
    assert any(says in fault for fault in found.evidence["faults"]), found


def test_a_staff_account_made_beside_the_register_is_found(probe, superuser, staffer):
    member = make_member(probe.left, "viewer")
    superuser.execute(
        "insert into identity_account (id, email, password, is_staff, created_at) values (%s, %s, '!', true, now())",
        [member.id, f"beside-{new_id().hex}@example.com"],
    )
    found = check("people_and_grants", probe)
    superuser.execute("delete from identity_account where id = %s", [member.id])
    assert found.result is Result.BROKEN
    assert any("not on the register" in fault for fault in found.evidence["faults"])


def test_a_grant_that_no_event_tells_of_is_found(probe, superuser, staffer, tenant):
    grant = staffer.ask(tenant)
    silent = new_id()
    superuser.execute(
        "insert into staff_grant select tenant_id, %s, account_id, staff_name, case_number, reason, minutes, "
        "needs_approval, requested_at, requested_by, decide_by, null, null, null, null, from_at, until_at, null, null "
        "from staff_grant where id = %s",
        [silent, grant.id],
    )
    found = check("acts_are_logged", probe)
    superuser.execute("delete from staff_grant where id = %s", [silent])
    assert found.result is Result.BROKEN
    assert any(str(silent) in fault and "support.asked" in fault for fault in found.evidence["faults"])


def test_an_act_that_one_log_keeps_to_itself_is_found(probe, staffer, tenant):
    from factories import PLATFORM_SCOPE
    from safehold.foundation.audit import flows as audit
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.staff.events import SUPPORT_LOOKED

    grant = staffer.ask(tenant)
    fields = {"tenant": str(tenant.id), "grant": str(grant.id), "case": "S-1", "route": "GET /", "approver": "nobody"}
    on = f"support:{grant.id}"
    with scoped(PLATFORM_SCOPE) as scope:
        audit.record(scope, SUPPORT_LOOKED, on=on, fields=fields, personal={"staff": "x"}, about="staff:1")
    found = check("acts_are_logged", probe)
    assert found.result is Result.BROKEN
    assert any("tell differently" in fault for fault in found.evidence["faults"])
    from safehold.foundation.staff.flows.telling import about
    from safehold.foundation.tenancy.selectors import system_scope

    assert about(grant)
    with scoped(system_scope(tenant.id, "test")) as scope:  # the next test finds the logs alike again
        audit.record(scope, SUPPORT_LOOKED, on=on, fields=fields, personal={"staff": "x"}, about="staff:1")
    assert check("acts_are_logged", probe).result is Result.KEPT


def test_a_right_too_many_is_found(probe, superuser):
    with changed(
        superuser,
        "grant insert on records_record to safehold_staff",
        "revoke insert on records_record from safehold_staff",
    ):
        found = check("role_holds_only_reading", probe)
    assert found.result is Result.BROKEN
    assert "grants INSERT" in str(found.evidence["faults"])


def test_a_door_without_a_lock_is_found(probe, superuser):
    policy = "create policy ajar on tenancy_member for select to safehold_staff using (true)"
    with changed(superuser, policy, "drop policy ajar on tenancy_member"):
        found = check("nothing_without_a_grant", probe)
    assert found.result is Result.BROKEN
    assert any("tenancy_member" in each for each in found.evidence["through"])


def test_a_login_that_is_refused_before_it_comes_to_the_door_shows_nothing(probe, superuser):
    revoke = "revoke execute on function safehold.staff_tenant() from safehold_staff"
    grant = "grant execute on function safehold.staff_tenant() to safehold_staff"
    with changed(superuser, revoke, grant):
        found = check("nothing_without_a_grant", probe)
    assert found.result is Result.BROKEN
    assert "failed otherwise (42501)" in found.evidence["through"][0]


def test_without_row_security_staff_are_found_to_read(probe, superuser):
    with changed(
        superuser,
        "alter table tenancy_member disable row level security",
        "alter table tenancy_member enable row level security",
    ):
        found = check("nothing_without_a_grant", probe)
    assert found.result is Result.BROKEN


RULE = "select pg_get_functiondef('safehold.staff_rule(uuid, uuid)'::regprocedure)"


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("g.ended_at is null", "ended early"),
        ("clock_timestamp() < g.until_at", "expired"),
        ("g.from_at <= clock_timestamp()", "to come"),
        ("g.tenant_id = tenant", "for the other canary"),
        ("m.left_at is null", "of somebody who left"),
    ],
)
def test_a_rule_that_forgets_a_condition_is_found(probe, superuser, condition, kind):
    original = superuser.execute(RULE).fetchone()[0]
    assert condition in original
    # As long as the owner sees only grants that are open, the policies hold what the rule forgets: both have to go.
    wide = (
        "alter policy at_the_door on staff_grant using (true); alter policy at_the_door on staff_member using (true); "
        + original.replace(condition, "true")
    )
    back = (
        original + "; alter policy at_the_door on staff_member using (left_at is null); "
        "alter policy at_the_door on staff_grant using (from_at <= clock_timestamp() and clock_timestamp() < until_at "
        "and ended_at is null and (approved_at is not null or not needs_approval))"
    )
    with changed(superuser, wide, back):
        found = check("grants_open_and_close", probe)
    assert found.result is Result.BROKEN
    assert kind in found.evidence["wrong"]
    assert check("grants_open_and_close", probe).result is Result.KEPT


def test_a_door_that_never_opens_is_found(probe, superuser):
    original = superuser.execute(RULE).fetchone()[0]
    with changed(superuser, original.replace("return ends", "return null"), original):
        found = check("grants_open_and_close", probe)
    assert found.evidence["wrong"] == ["open"]


def test_a_grant_opened_without_the_approval_is_found(probe, superuser):
    [name] = superuser.execute(
        "select conname from pg_constraint where conrelid = 'staff_grant'::regclass and contype = 'c' "
        "and pg_get_constraintdef(oid) like '%%needs_approval%%'"
    ).fetchone()
    original = superuser.execute(RULE).fetchone()[0]
    text = superuser.execute(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'staff_grant'::regclass and conname = %s",
        [name],
    ).fetchone()[0]
    wide = (
        f"alter table staff_grant drop constraint {name}; alter policy at_the_door on staff_grant using (true); "
        + original.replace("(g.approved_at is not null or not g.needs_approval)", "true")
    )
    back = (
        f"alter table staff_grant add constraint {name} {text}; "
        + original
        + "; alter policy at_the_door on staff_grant "
        "using (from_at <= clock_timestamp() and clock_timestamp() < until_at "
        "and ended_at is null and (approved_at is not null or not needs_approval))"
    )
    with changed(superuser, wide, back):
        found = check("grants_open_and_close", probe)
    assert found.evidence["wrong"] == ["opened without the approval"]


def test_a_workspace_that_isnt_told_is_found(probe, monkeypatch):
    from safehold.foundation.staff.flows import grants

    monkeypatch.setattr(grants, "tell_both", lambda **_: None)
    found = check("tenant_is_told", probe)
    assert found.result is Result.BROKEN
    assert found.evidence["told"] == {"workspace": [], "platform": []}


def test_something_open_after_a_departure_is_found(probe, superuser, tenant):
    from safehold.foundation.identity import flows as identity
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors as tenancy

    staffer = Staffer()
    make_member(tenant, "manager", email=staffer.email, account_id=staffer.account_id)
    inside = tenancy.tenant_scope(account_id=staffer.account_id, slug=tenant.slug, address="")
    with scoped(inside):
        identity.issue_token(scope=inside, name="a script")
    staffer.ask(tenant)
    put = "update staff_member set left_at = {left} where account_id = '{id}'"
    left = put.format(left="greatest(since, now())", id=staffer.account_id)
    back = put.format(left="null", id=staffer.account_id)
    with changed(superuser, left, back):
        found = check("nothing_outlives_a_departure", probe)
    assert found.result is Result.BROKEN
    assert any("the account" in each for each in found.evidence["late"])
    assert any("support access" in each for each in found.evidence["late"])
    place = "update tenancy_member set status = '{status}', left_at = {left} where account_id = '{id}'"
    gone = place.format(status="left", left="now() - interval '5 hours'", id=staffer.account_id)
    with changed(superuser, gone, place.format(status="active", left="null", id=staffer.account_id)):
        found = check("nothing_outlives_a_departure", probe)
    assert any("an API token, 5 h" in each for each in found.evidence["late"])
    staffer.leave()
    assert check("nothing_outlives_a_departure", probe).result is Result.KEPT


KEEP = """
    create function public.keep_row() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
        as $$ begin {stays} end $$;
    create trigger zz_keep_row before {what} for each row execute function public.keep_row();
"""


@pytest.mark.parametrize(
    ("what", "stays", "open_still"),
    [
        ("delete on identity_session", "return null;", "sessions"),
        ("update on identity_token", "new.revoked_at := null; return new;", "tokens"),
        ("update on staff_grant", "new.ended_at := null; new.ended_by := null; return new;", "grants"),
    ],
)
def test_something_that_stays_open_is_found(probe, superuser, what, stays, open_still):
    make = KEEP.format(what=what, stays=stays)
    with changed(superuser, make, "drop function public.keep_row() cascade"):
        found = check("changes_end_what_was_open", probe)
    assert found.result is Result.BROKEN
    assert any(open_still in each for each in found.evidence["still_open"])


def test_a_table_without_any_row_tells_nothing(probe, superuser):
    superuser.execute(
        "set role safehold_owner; "
        "create table nobodys (tenant_id uuid not null, id uuid, primary key (tenant_id, id)); "
        "select safehold.protect_table('nobodys'); reset role"
    )
    try:
        superuser.execute("vacuum analyze nobodys")
        found = check("nothing_without_a_grant", probe)
    finally:
        superuser.execute("drop table nobodys")
    assert found.result is Result.KEPT
    assert "nobodys" in {*found.evidence["refused"], *found.evidence["empty"]}
    assert "tenancy_member" in found.evidence["refused"]
