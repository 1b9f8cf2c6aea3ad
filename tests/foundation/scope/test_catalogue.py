"""The catalogue keeps the rules of isolation, and each rule sees what breaks it."""

# ruff: noqa: S608  (statements put together from our own words)

from __future__ import annotations

import re

import pytest

from safehold.foundation.scope.catalogue import EVERY_RULE, Declared, audit, declared

pytestmark = pytest.mark.usefixtures("installation")

SCRATCH = (
    "create table public.scratch (id uuid not null, tenant_id uuid not null, a int, primary key (tenant_id, id)); "
)
GOOD = SCRATCH + "select safehold.protect_table('scratch'); "

BREAKS = {
    "guard off": (
        "guard",
        "alter event trigger safehold_guard disable",
        "the guard of new tables is switched off or gone",
    ),
    "guard gone": ("guard", "drop event trigger safehold_guard", "the guard of new tables is switched off or gone"),
    "guard that doesn't look": (
        "guard",
        "alter table safehold_guard.changed disable trigger refuse_open",
        "the guard of new tables is switched off or gone",
    ),
    "no row-level security": ("not_forced", SCRATCH, "row-level security is not enabled"),
    "not forced": ("not_forced", GOOD + "alter table scratch no force row level security", "does not bind the owner"),
    "exempt, not forced": (
        "not_forced",
        "alter table tenancy_tenant no force row level security",
        "tenancy_tenant has policies that do not bind the owner",
    ),
    "policies switched off": (
        "not_forced",
        "alter table tenancy_member disable row level security",
        "tenancy_member has policies that are not enabled",
    ),
    "no tenant": ("no_tenant", "create table public.scratch (a int)", "no column tenant_id"),
    "tenant of another type": ("no_tenant", "create table public.scratch (tenant_id text not null)", "is no uuid"),
    "no tenant, maybe": ("no_tenant", "create table public.scratch (tenant_id uuid)", "may be null"),
    "another schema": (
        "no_tenant",
        "create schema side; create table side.scratch (a int)",
        "side.scratch has no column",
    ),
    "a partition": (
        "not_forced",
        (
            "create table public.scratch (tenant_id uuid not null) partition by hash (tenant_id); "
            "create table public.scratch_1 partition of scratch for values with (modulus 1, remainder 0)"
        ),
        "scratch_1 row-level security is not enabled",
    ),
    "no policy": ("no_policy", SCRATCH, "scratch has no policy"),
    "restrictive policies only": (
        "no_policy",
        SCRATCH + "create policy p on scratch as restrictive to safehold_app using (true)",
        "scratch has no policy",
    ),
    "a policy for all": ("open_policy", GOOD + "create policy p on scratch using (true)", "opens rows to PUBLIC"),
    "a policy that is true": (
        "open_policy",
        GOOD + "create policy p on scratch to safehold_app using (true)",
        "something else than the tenant of the scope: true",
    ),
    "a policy with a way round": (
        "open_policy",
        GOOD
        + "create policy p on scratch to safehold_app using (tenant_id = (select safehold.scope_tenant()) or a = 1)",
        "something else than the tenant of the scope",
    ),
    "a policy checked on the way in only": (
        "open_policy",
        GOOD + "create policy p on scratch to safehold_app using (tenant_id = (select safehold.scope_tenant())) "
        "with check (true)",
        "something else than the tenant of the scope: true",
    ),
    "a policy by a setting": (
        "open_policy",
        GOOD + "create policy p on scratch to safehold_app using (tenant_id = current_setting('my.tenant')::uuid)",
        "goes by a plain setting",
    ),
    "an exempt table opened": (
        "open_policy",
        "create policy p on tenancy_tenant to safehold_app using (true)",
        "tenancy_tenant.p opens every row to the app role",
    ),
    "an index of its own": ("index_not_led", GOOD + "create index side on scratch (a)", "side on scratch is not led"),
    "a key across tenants": (
        "key_across_tenants",
        GOOD + "create unique index side on scratch (a)",
        "side on scratch is unique across tenants",
    ),
    "a view": (
        "view",
        "create view public.scratch as select * from tenancy_member",
        "is a view with its owner's rights",
    ),
    "a materialised view": (
        "view",
        "create materialized view public.scratch as select 1 as a",
        "scratch is a materialised view",
    ),
    "a rule": (
        "rule",
        GOOD + "create rule r as on insert to scratch do also delete from tenancy_member",
        "has the rewrite rule r",
    ),
    "a part granted by itself": (
        "child",
        (
            "create table public.scratch (tenant_id uuid not null) partition by hash (tenant_id); "
            "create table public.scratch_1 partition of scratch for values with (modulus 1, remainder 0); "
            "grant select on scratch_1 to safehold_app"
        ),
        "scratch_1 is a part of scratch and is granted by itself",
    ),
    "a counter": (
        "sequence",
        GOOD + "alter table scratch add n int generated always as identity",
        "rows of all tenants",
    ),
    "a reference across tenants": (
        "reference",
        GOOD + "alter table scratch add unique (id); create table public.scratch_2 (tenant_id uuid not null, "
        "other uuid references scratch (id))",
        "from scratch_2 to scratch does not pair",
    ),
    "a reference that pairs the wrong columns": (
        "reference",
        GOOD + "create table public.scratch_2 (tenant_id uuid not null, x uuid, other uuid, "
        "foreign key (x, other) references scratch (tenant_id, id))",
        "from scratch_2 to scratch does not pair",
    ),
    "a column with statistics": (
        "statistics",
        "alter table tenancy_member alter role set statistics 1",
        "tenancy_member.role has planner statistics",
    ),
    "a column added later": ("statistics", GOOD + "alter table scratch add b text", "scratch.b has planner statistics"),
    "statistics back to usual": (
        "statistics",
        "alter table identity_account alter name set statistics -1",
        "identity_account.name has planner statistics",
    ),
    "an index that computes": (
        "statistics",
        GOOD + "create index scratch_computed on scratch (tenant_id, (a + 1))",
        "scratch_computed on scratch has planner statistics of what it computes",
    ),
    "extended statistics": (
        "statistics",
        GOOD + "create statistics scratch_both on id, a from scratch",
        "scratch_both on scratch are extended statistics",
    ),
    "a grant to everybody": ("grant", "grant select on tenancy_member to public", "grants SELECT to PUBLIC"),
    "a column granted to everybody": (
        "grant",
        "grant select (id) on tenancy_member to public",
        "tenancy_member.id grants",
    ),
    "truncate": ("grant", "grant truncate on tenancy_member to safehold_app", "grants TRUNCATE to safehold_app"),
    "references": ("grant", "grant references on tenancy_member to safehold_backup", "REFERENCES to safehold_backup"),
    "a right to hand on": (
        "grant",
        "grant select on tenancy_member to safehold_sealer with grant option",
        "grants SELECT to safehold_sealer",
    ),
    "a schema for everybody": ("grant", "grant create on schema safehold to public", "schema safehold grants CREATE"),
    "a schema for the app": ("grant", "grant create on schema public to safehold_app", "CREATE to safehold_app"),
    "the database for everybody": ("grant", "grant temporary on database {database} to public", "TEMPORARY to PUBLIC"),
    "grants to come": (
        "standing_grant",
        "alter default privileges for role safehold_owner grant select on tables to safehold_app",
        "default privileges of safehold_owner grant SELECT to safehold_app",
    ),
    "a function for everybody": (
        "function",
        "create function public.scratch() returns int language sql as 'select 1'",
        "public.scratch may be called by everybody",
    ),
    "a function that can be fooled": (
        "function",
        (
            "set role safehold_owner; create function public.scratch() returns int language sql security definer "
            "as 'select 1'; reset role"
        ),
        "public.scratch has its owner's rights and no pinned search_path",
    ),
    "a function that can be fooled by temporary tables": (
        "function",
        (
            "set role safehold_owner; create function public.scratch() returns int language sql security definer "
            "set search_path = pg_temp, public as 'select 1'; reset role"
        ),
        "public.scratch has its owner's rights and no pinned search_path",
    ),
    "a superuser's function": (
        "function",
        (
            "create function public.scratch() returns int language sql security definer "
            "set search_path = pg_catalog, pg_temp as 'select 1'"
        ),
        "public.scratch has the rights of postgres",
    ),
    "one of ours replaced": (
        "function",
        (
            "create or replace function safehold.scope_tenant() returns uuid language plpgsql stable security definer "
            "as 'begin return current_setting(''my.tenant'')::uuid; end'"
        ),
        "safehold.scope_tenant has its owner's rights and no pinned search_path",
    ),
    "one of ours declared immutable": (
        "function",
        "alter function safehold.scope_tenant() immutable",
        "always the same",
    ),
    "the ticket keys": ("ticket_key", "grant select on safehold.ticket_key to safehold_app", "used by safehold_app"),
    "one column of the ticket keys": (
        "ticket_key",
        "grant select (outer_pad) on safehold.ticket_key to safehold_backup",
        "used by safehold_backup",
    ),
    "a superuser": ("role", "alter role safehold_app superuser", "safehold_app has the attribute SUPERUSER"),
    "a bypassing owner": ("role", "alter role safehold_owner bypassrls", "safehold_owner has the attribute BYPASSRLS"),
    "a member": ("role", "grant safehold_owner to safehold_sealer", "safehold_sealer is a member of safehold_owner"),
    "an owning app": (
        "role",
        "create table public.scratch (a int); alter table scratch owner to safehold_app",
        "safehold_app owns 1 object(s)",
    ),
    "staff may write by a policy": (
        "staff",
        GOOD + "create policy p on scratch for update to safehold_staff using (tenant_id = safehold.staff_tenant())",
        "lets staff do more than read",
    ),
    "staff by something else": (
        "staff",
        GOOD + "create policy p on scratch for select to safehold_staff using (a = 1)",
        "opens rows to staff by something else than a grant",
    ),
    "staff past the end of a grant": (
        "staff",
        GOOD + "create policy p on scratch for select to safehold_staff using (tenant_id = safehold.staff_tenant())",
        "opens rows to staff by something else than a grant",
    ),
    "staff with the app": (
        "staff",
        GOOD + "create policy p on scratch for select to safehold_staff, safehold_app using (true)",
        "is shared between staff and another role",
    ),
    "staff may write": (
        "staff",
        "grant insert on tenancy_member to safehold_staff",
        "tenancy_member grants INSERT to safehold_staff",
    ),
    "staff read the log": (
        "staff",
        "grant select on audit_event to safehold_staff",
        "audit_event grants SELECT to safehold_staff without a policy that asks for a grant",
    ),
    "staff read a column": (
        "staff",
        "grant select (email) on identity_account to safehold_staff",
        "identity_account.email grants SELECT to safehold_staff",
    ),
    "staff call more": (
        "staff",
        "grant execute on function safehold.scope_tenant() to safehold_staff",
        "safehold.scope_tenant may be called by safehold_staff",
    ),
    "another door": (
        "staff",
        (
            "create or replace function safehold.staff_tenant() returns uuid language sql stable security definer "
            "set search_path = pg_catalog, pg_temp as 'select null::uuid'"
        ),
        "safehold.staff_tenant isn't the function that asks for a grant",
    ),
    "a superuser of the staff": ("role", "alter role safehold_staff superuser", "safehold_staff has the attribute"),
    "the queue read by the app": (
        "queue",
        "grant select on procrastinate_jobs to safehold_app",
        "procrastinate_jobs grants SELECT on the queue to safehold_app",
    ),
    "a column of the queue": (
        "queue",
        "grant select (args) on procrastinate_jobs to safehold_sealer",
        "procrastinate_jobs.args grants SELECT on the queue to safehold_sealer",
    ),
    "a counter of the queue": (
        "queue",
        "grant usage on sequence procrastinate_jobs_id_seq to safehold_app",
        "procrastinate_jobs_id_seq grants USAGE on the queue to safehold_app",
    ),
    "a function of the queue": (
        "queue",
        "grant execute on function procrastinate_cancel_job_v1 to safehold_app",
        "procrastinate_cancel_job_v1 of the queue may be called by safehold_app",
    ),
    "a function of the queue with its owner's rights": (
        "queue",
        "alter function procrastinate_cancel_job_v1 security definer",
        "is a function of the queue that has its owner's rights",
    ),
    "the queue's login reads a tenant's table": (
        "queue",
        "grant select on tenancy_member to safehold_queue",
        "tenancy_member grants SELECT to safehold_queue",
    ),
    "the queue's login reads a column": (
        "queue",
        "grant select (email) on identity_account to safehold_queue",
        "identity_account.email grants SELECT to safehold_queue",
    ),
    "a policy for the queue's login": (
        "queue",
        "create policy p on tenancy_member to safehold_queue using (true)",
        "tenancy_member.p is a policy for safehold_queue",
    ),
    "another schema for the queue's login": (
        "queue",
        "grant usage on schema safehold to safehold_queue",
        "schema safehold grants USAGE to safehold_queue",
    ),
    "a function more for the queue's login": (
        "queue",
        "grant execute on function safehold.job_list() to safehold_queue",
        "safehold.job_list may be called by safehold_queue",
    ),
    "another door to the queue": (
        "queue",
        (
            "create or replace function safehold.job_end(account uuid) returns integer language sql security definer "
            "set search_path = pg_catalog, pg_temp as 'select 1'"
        ),
        "safehold.job_end isn't the function that guards the queue",
    ),
    "a queue that tells": (
        "queue",
        "alter table procrastinate_jobs enable trigger procrastinate_jobs_notify_queue_job_inserted_v1",
        "procrastinate_jobs tells every login of each job",
    ),
    "a superuser of the queue": ("role", "alter role safehold_queue superuser", "safehold_queue has the attribute"),
    "a publication": ("way_out", "create publication scratch", "publication scratch sends rows out"),
    "a large object": ("way_out", "select lo_create(0)", "1 are kept"),
}


def test_the_catalogue_keeps_every_rule():
    found = audit()
    assert [str(fault) for fault in found.faults] == []
    assert found.looked_at["tables"] > 5
    assert found.looked_at["policies"] > 5


@pytest.mark.parametrize(("rule", "break_it", "says"), BREAKS.values(), ids=BREAKS)
def test_each_rule_sees_what_breaks_it(superuser, rule, break_it, says):
    from django.db import connection

    name = connection.settings_dict["NAME"]
    with superuser.transaction(force_rollback=True):
        superuser.execute(break_it.replace("{database}", name))
        found = [str(fault) for fault in _audited_by(superuser, rule)]
    assert any(says in fault for fault in found), found
    assert not list(audit([rule]).faults)


def _audited_by(superuser, rule):
    """The audit of one rule inside the superuser's transaction, before it is rolled back."""
    from unittest.mock import patch

    from safehold.foundation.scope import catalogue

    with patch.object(catalogue, "connection", superuser):
        return audit([rule]).faults


def test_every_rule_is_tried_and_written():
    from safehold.foundation.scope.migrations_support import sql_parts

    parts = set(sql_parts("safehold.foundation.scope", "catalogue.sql")) - {"objects", "with_ours"}
    assert parts == set(EVERY_RULE)
    assert {rule for rule, _, _ in BREAKS.values()} | {"declared_in_vain"} == parts


def test_a_declaration_about_nothing_is_a_fault():
    given = declared()
    given.exempt["gone"] = given.open_policies["gone.p"] = given.other_indexes["gone_i"] = "because"
    given.measured["gone.c"] = "because"
    faults = audit(["declared_in_vain"], given).faults
    assert {fault.object for fault in faults} == {"gone", "gone.p", "gone_i", "gone.c"}


def test_every_declaration_has_a_reason():
    given = declared()
    for reasons in (given.exempt, given.open_policies, given.other_indexes, given.measured):
        assert all(re.match(r"\w.{20,}", reason) for reason in reasons.values())
    assert isinstance(given, Declared)
