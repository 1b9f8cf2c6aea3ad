"""Roles and database are made by a superuser or by an admin who isn't one, and made again without harm."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from safehold.foundation.scope.provision import ROLES, CantProvision, provision
from support import homes

pytestmark = pytest.mark.slow

PASSWORDS = {role: f"the password of {role}" for role in ROLES}
ATTRIBUTES = (
    "select rolname from pg_roles where rolname like 'safehold\\_%' and (rolsuper or rolbypassrls or rolcreaterole)"
)


class Server:
    """A server of its own, since roles belong to the whole server."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo

    def connect(self, **given: str) -> psycopg.Connection:
        return psycopg.connect(make_conninfo(self.conninfo, **given), autocommit=True)


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    from safehold.operations.database.prepare import admin_conninfo

    made = homes.make_home()
    try:
        with homes.server_for(made):
            yield Server(admin_conninfo(made))
    finally:
        homes.remove_home(made.home)


@pytest.fixture
def server(own_server: Server) -> Iterator[Server]:
    """The server as it was before anything was provisioned."""
    yield own_server
    with own_server.connect() as admin:
        admin.execute("drop database if exists one with (force)")
        for role in (*(f"safehold_{role}" for role in ROLES), "clerk", "nobody"):
            if admin.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                admin.execute(f"drop owned by {role}; drop role {role}")
        admin.execute("alter system reset all")
        admin.execute("select pg_reload_conf()")


def login(server: Server, role: str, database: str = "one") -> psycopg.Connection:
    return server.connect(user=f"safehold_{role}", password=PASSWORDS[role], dbname=database)


def test_a_superuser_provisions_all_and_again(server):
    first = provision(server.conninfo, passwords=PASSWORDS, database="one")
    assert (first.made_database, first.left_out) == (True, [])
    with login(server, "owner") as owner:
        owner.execute("create table kept (a int)")
    with server.connect() as admin:
        admin.execute("alter role safehold_app bypassrls")
        admin.execute("alter role safehold_app in database one set safehold.ticket = 'sticky'")
        admin.execute("alter database one owner to postgres")
        admin.execute("grant temporary on database one to public")
    again = provision(server.conninfo, passwords=PASSWORDS | {"app": "a new one"}, database="one")
    assert again.made_database is False
    with server.connect() as admin:
        assert admin.execute(ATTRIBUTES).fetchall() == []
        settings = admin.execute("select setconfig::text from pg_db_role_setting").fetchall()
        assert "sticky" not in str(settings)
    with login(server, "owner") as owner:
        assert owner.execute("select count(*) from kept").fetchone() == (0,)
    with server.connect(user="safehold_app", password="a new one", dbname="one") as app:
        assert app.execute("show track_activities").fetchone() == ("off",)
        assert app.execute("show statement_timeout").fetchone() == ("30s",)
        assert app.execute("select has_database_privilege(current_database(), 'temporary')").fetchone() == (False,)


def test_an_admin_who_is_no_superuser_provisions_what_it_may(server):
    with server.connect() as admin:
        admin.execute("create role clerk login createrole createdb password 'clerk'")
    conninfo = make_conninfo(server.conninfo, user="clerk", password="clerk")
    for _ in range(2):
        done = provision(conninfo, passwords=PASSWORDS, database="one")
        assert len(done.left_out) == 2
    with login(server, "owner") as owner:
        owner.execute("create table made (a int)")
    with login(server, "app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select * from made")
    with server.connect() as admin:
        assert admin.execute(ATTRIBUTES).fetchall() == []
        members = admin.execute(
            "select member::regrole::text from pg_auth_members where roleid::regrole::text like 'safe%'"
        )
        assert {row[0] for row in members} <= {"clerk"}


def test_an_admin_without_the_right_is_told_so(server):
    with server.connect() as admin:
        admin.execute("create role nobody login password 'nobody'")
    with pytest.raises(CantProvision) as caught:
        provision(make_conninfo(server.conninfo, user="nobody", password="nobody"), passwords=PASSWORDS, database="one")
    assert "CREATEROLE" in caught.value.hint


def test_rights_that_nobody_there_can_take_back_are_refused(server):
    with server.connect() as admin:
        admin.execute("create role clerk login createrole createdb password 'clerk'")
        admin.execute("create role safehold_app login bypassrls")
    with pytest.raises(CantProvision):
        provision(make_conninfo(server.conninfo, user="clerk", password="clerk"), passwords=PASSWORDS, database="one")


def test_passwords_are_not_sent_in_clear(server):
    with server.connect() as admin:
        admin.execute("alter system set log_statement = 'all'")
        admin.execute("select pg_reload_conf()")
        provision(server.conninfo, passwords=PASSWORDS, database="one")
        stored = admin.execute("select rolpassword from pg_authid where rolname like 'safehold\\_%'").fetchall()
    assert all(row[0].startswith("SCRAM-SHA-256$") for row in stored)
    assert len(stored) == 6
