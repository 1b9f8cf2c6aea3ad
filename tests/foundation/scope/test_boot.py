"""A process refuses to start on a database login or a server that doesn't keep tenants apart."""

from __future__ import annotations

import logging

import pytest
from django.db import connection

from safehold.foundation.scope.server_floor import HOLES, standing
from support import poolers

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture(autouse=True)
def fresh_connection(monkeypatch):
    """Settings of the role count from the next login on; this suite's server may be an old one."""
    from django.conf import settings

    from safehold.foundation.scope import boot

    connection.close()
    connection.close_pool()
    poolers.forget_logins()
    monkeypatch.setattr(boot, "standing", lambda _: standing(999_000))
    monkeypatch.setattr(settings, "SAFEHOLD", settings.SAFEHOLD)
    yield
    connection.close()
    connection.close_pool()
    poolers.forget_logins()


def refusal() -> str:
    from safehold.foundation.scope.boot import refuse_unsafe_role
    from safehold.foundation.scope.errors import UnsafeDatabase

    poolers.forget_logins()
    with pytest.raises(UnsafeDatabase) as caught:
        refuse_unsafe_role(connection, "app")
    return str(caught.value)


def test_the_role_as_provisioned_is_safe():
    from safehold.foundation.scope.boot import refuse_unsafe_role

    refuse_unsafe_role(connection, "app")
    refuse_unsafe_role(connection, "safehold_app")


def test_another_role_is_refused():
    from safehold.foundation.scope.boot import role_faults

    assert role_faults(connection, "safehold_sealer") == ["the connection is logged in as safehold_app"]


@pytest.mark.parametrize(
    ("break_it", "repair", "says"),
    [
        ("alter role safehold_app superuser", "alter role safehold_app nosuperuser", "attribute SUPERUSER"),
        ("alter role safehold_app bypassrls", "alter role safehold_app nobypassrls", "attribute BYPASSRLS"),
        ("alter role safehold_app createrole", "alter role safehold_app nocreaterole", "attribute CREATEROLE"),
        ("alter role safehold_app replication", "alter role safehold_app noreplication", "attribute REPLICATION"),
        (
            "grant safehold_owner to safehold_app",
            "revoke safehold_owner from safehold_app",
            "member of another role: safehold_app → safehold_owner",
        ),
        (
            "create role between; grant safehold_owner to between; grant between to safehold_app",
            "drop role between",
            "safehold_app → between → safehold_owner",
        ),
        (
            "grant pg_read_all_data to safehold_app",
            "revoke pg_read_all_data from safehold_app",
            "safehold_app → pg_read_all_data",
        ),
        (
            "create table public.mine (a int); alter table public.mine owner to safehold_app",
            "drop table public.mine",
            "it owns 1 object(s) in the database safehold_test",
        ),
        (
            "grant truncate on tenancy_member to safehold_app",
            "revoke truncate on tenancy_member from safehold_app",
            "it holds TRUNCATE on tenancy_member",
        ),
        (
            "grant truncate on tenancy_member to public",
            "revoke truncate on tenancy_member from public",
            "it holds TRUNCATE on tenancy_member",
        ),
        (
            "grant create on schema public to public",
            "revoke create on schema public from public",
            "create objects in the schema public",
        ),
        (
            "grant temporary on database safehold_test to public",
            "revoke temporary on database safehold_test from public",
            "it holds TEMPORARY on the database",
        ),
        (
            "grant select (args) on procrastinate_jobs to safehold_app",
            "revoke select (args) on procrastinate_jobs from safehold_app",
            "it holds SELECT on the job queue: procrastinate_jobs",
        ),
        (
            "grant delete on procrastinate_workers to safehold_app",
            "revoke delete on procrastinate_workers from safehold_app",
            "it holds DELETE on the job queue: procrastinate_workers",
        ),
        (
            "grant usage on sequence procrastinate_jobs_id_seq to public",
            "revoke usage on sequence procrastinate_jobs_id_seq from public",
            "it may use a counter of the job queue: procrastinate_jobs_id_seq",
        ),
        (
            "grant execute on function procrastinate_cancel_job_v1 to safehold_app",
            "revoke execute on function procrastinate_cancel_job_v1 from safehold_app",
            "it may call a function of the job queue: procrastinate_cancel_job_v1",
        ),
        (
            "alter role safehold_app set safehold.ticket = 'x'",
            "alter role safehold_app reset safehold.ticket",
            "sessions begin with the setting safehold.ticket",
        ),
    ],
)
def test_an_unsafe_role_is_refused(superuser, break_it, repair, says):
    superuser.execute(break_it)
    try:
        assert says in refusal()
    finally:
        superuser.execute(repair)


def test_an_old_server_is_refused_unless_it_is_allowed(monkeypatch, caplog):
    from dataclasses import replace

    from django.conf import settings

    from safehold.foundation.scope import boot

    monkeypatch.setattr(boot, "standing", lambda _: standing(150_018))
    monkeypatch.setattr(settings, "SAFEHOLD", replace(settings.SAFEHOLD, allow_old_server=False))
    assert "PostgreSQL 15.18 has holes" in refusal()
    monkeypatch.setattr(settings, "SAFEHOLD", replace(settings.SAFEHOLD, allow_old_server=True))
    with caplog.at_level(logging.WARNING):
        boot.refuse_unsafe_role(connection, "app")
    assert "allow_old_server" in caplog.text


@pytest.mark.parametrize("version", [150_020, 160_016, 170_012, 180_007, 190_000, 200_003])
def test_servers_without_a_known_hole(version):
    assert (standing(version).refused, standing(version).warnings) == ("", ())


@pytest.mark.parametrize("version", [150_019, 160_015, 170_011, 180_006])
def test_servers_with_a_hole_that_is_held_off(version):
    assert standing(version).refused == ""
    assert len(standing(version).warnings) == 1
    assert "CVE-2026-120154" in standing(version).warnings[0]


@pytest.mark.parametrize("version", [150_018, 160_014, 170_010, 180_005, 180_000])
def test_servers_below_the_floor(version):
    assert "CVE-2026-14666" in standing(version).refused


def test_a_server_that_is_too_old_at_all():
    assert "too old" in standing(140_025).refused


def test_holes_name_all_majors():
    assert all(set(hole.fixed) == {15, 16, 17, 18} for hole in HOLES)
