"""An auditor reads the log of one workspace, until a moment, and nothing else: on pages and in the database itself."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

import factories
from safehold.foundation.access.matrix import Guest, Permission
from safehold.foundation.audit import events as audit_events, flows as audit, selectors as log
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows, selectors
from safehold.foundation.tenancy.guest_check import check_guests
from safehold.kernel.errors import Conflict, Denied, Invalid, NotFound
from safehold.kernel.promise import ProbeContext, Result
from support.auditors import Auditor, let_in
from support.pages import faults
from support.visitors import Visitor

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def tenant(installation):
    (installation.home / "static").mkdir(exist_ok=True)
    return factories.make_tenant("Watched Ltd")


@pytest.fixture
def auditor(tenant):
    return Auditor(tenant)


def told(tenant, kind):
    with scoped(factories.system(tenant)) as scope:
        return list(log.activity(scope=scope, filters=Filters(type=kind)).events)


def soon():
    return clock.now() + timedelta(days=10)


def test_an_owner_invites_and_somebody_without_an_account_comes_in_once_enrolled(tenant, monkeypatch):
    from django.core import mail
    from django.test import Client, override_settings

    owner, email = Visitor(tenant, "owner"), "audrey@audits.example.com"
    day = (clock.now() + timedelta(days=20)).date()
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        answer = owner.post("auditors/", {"email": email, "name": "Audrey", "until": day.isoformat()})
        assert answer.status_code == 302, answer.content.decode()
        (sent,) = [one for one in mail.outbox if one.to == [email]]
    page = owner.get("auditors/").content.decode()
    assert faults(page) == []
    assert email in page
    link = re.search(r"https://[^/]+(/account/invitation/\S+)", sent.body)[1]
    here = Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.77", headers={"User-Agent": "Mozilla/5.0 Firefox"})
    shown = here.get(here.get(link, secure=True)["Location"], secure=True).content.decode()
    assert faults(shown) == []
    assert "the activity log and nothing else" in shown
    done = here.post("/account/invitation/", {"name": "Audrey", "password": "winter eats the lamp"}, secure=True)
    assert done["Location"] == f"/t/{tenant.slug}/activity/"
    assert here.get(done["Location"], secure=True)["Location"] == "/account/second-factor/new/"
    assert [each.personal["email"] for each in told(tenant, "guest.joined")] == [email]
    (row,) = _places(tenant)
    assert (row.until_at.date(), row.until_at.time().isoformat()) == (day + timedelta(days=1), "00:00:00")


def _places(tenant):
    with scoped(factories.system(tenant)) as scope:
        return list(selectors.guests(scope))


def test_an_auditor_reads_the_log_and_takes_it_out(tenant, auditor):
    Visitor(tenant, "owner").post("settings/", {"name": "Watched More Ltd", "language": "en-gb"})
    page = auditor.get("activity/")
    assert page.status_code == 200
    text = page.content.decode()
    assert faults(text) == []
    assert "Robin Test" in text  # whom the log names
    assert "Watched More Ltd" in text
    assert "audrey" not in text.lower() or "Audrey Test" in text
    event = re.search(r"activity/([0-9a-f-]{36})/", text)[1]
    assert auditor.get(f"activity/{event}/").status_code == 200
    assert auditor.get("activity.csv").status_code == 200
    assert auditor.get("activity.jsonl").status_code == 200
    read, listed = told(tenant, "audit.read"), told(tenant, "audit.listed")
    assert {each.actor for each in (*read, *listed)} == {f"guest:{auditor.guest.id}"}
    assert (len(read), len(listed)) == (1, 2)
    assert read[0].address == "192.0.2.17"
    assert auditor.client.get("/", secure=True)["Location"] == f"/t/{tenant.slug}/activity/"


@pytest.mark.parametrize("path", ["", "members/", "settings/", "departments/", "auditors/", "tokens/", "support/"])
def test_everything_else_is_refused_and_that_is_recorded(tenant, auditor, path):
    answer = auditor.get(path)
    assert answer.status_code == 403
    (denied,) = told(tenant, "security.denied")
    assert denied.actor == f"guest:{auditor.guest.id}"


def test_the_database_opens_the_log_to_them_and_nothing_else(tenant, auditor):
    """Every table of a tenant's is asked, as SQL slipped in by a guest's request would."""
    with scoped(auditor.scope), connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
            " join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'"
            " where c.relkind in ('r', 'p') and has_table_privilege(c.oid, 'select')"
        )
        tables = {name for (name,) in cursor.fetchall()}
        seen = {}
        for table in tables | {"tenancy_tenant", "identity_account", "identity_session", "mfa_authenticator"}:
            try:
                with transaction.atomic():
                    cursor.execute(f'select count(*) from "{table}"')  # noqa: S608 - names of the catalogue
                    seen[table] = cursor.fetchone()[0]
            except DatabaseError as error:
                seen[table] = 0 if _refused(error) else 1
    opened = {table for table, count in seen.items() if count}
    assert opened <= {
        *("audit_event", "audit_leaf", "audit_node", "audit_log", "audit_checkpoint"),
        *("keys_data_key", "tenancy_tenant", "tenancy_member"),
    }
    assert {"audit_event", "tenancy_tenant"} <= opened
    assert len(tables) > 20


def _refused(error):
    return getattr(error.__cause__, "sqlstate", "") == "42501"


def test_only_people_whom_the_log_names_have_names(tenant, auditor, superuser):
    named = factories.make_member(tenant, "viewer", name="Named Person")
    unnamed = clock.new_id()
    superuser.execute(
        "insert into tenancy_member (id, tenant_id, email, name, role, status, departments, created_at)"
        " values (%s, %s, 'nobody@example.com', 'Nobody Named', 'viewer', 'invited', '{}', now())",
        [unnamed, tenant.id],
    )
    with scoped(auditor.scope) as scope:
        assert selectors.member_names(scope, [named.id, unnamed]) == {named.id: "Named Person"}
        with pytest.raises(Denied):
            selectors.members(scope)


def test_their_keys_open_what_lies_beside_events_and_nothing_else(tenant, auditor):
    with scoped(auditor.scope), connection.cursor() as cursor:
        cursor.execute("select distinct purpose from keys_data_key")
        assert {purpose for (purpose,) in cursor.fetchall()} <= {"event"}


@pytest.mark.parametrize(
    "statement",
    [
        "insert into audit_event (tenant_id, id, type, actor, body) values (%(t)s, %(id)s, 'a.b', 'x', 'xx')",
        "update tenancy_guest set ended_at = now() where tenant_id = %(t)s",
        "update tenancy_tenant set name = 'Taken over' where id = %(t)s",
        "update tenancy_member set role = 'owner' where tenant_id = %(t)s",
        "update keys_data_key set retired_at = now() where tenant_id = %(t)s",
    ],
)
def test_a_guests_transaction_writes_nothing(tenant, auditor, statement):
    with scoped(auditor.scope), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement, {"t": tenant.id, "id": clock.new_id()})
            nothing = cursor.rowcount == 0
        except DatabaseError as error:
            nothing = _refused(error)
    assert nothing


def test_the_end_comes_at_its_second_in_the_database_itself(tenant, auditor, superuser):
    """The scope was made in time; what it asks for afterwards is refused, with nothing having run in between."""
    scope = auditor.scope
    with scoped(scope):
        assert log.activity(scope=scope).events
    superuser.execute("alter table tenancy_guest disable trigger keep_guest")
    superuser.execute("update tenancy_guest set until_at = invited_at + interval '1 microsecond' where tenant_id = %s",
                      [tenant.id])  # fmt: skip
    superuser.execute("alter table tenancy_guest enable always trigger keep_guest")
    with pytest.raises(DatabaseError, match="no guest's place is open"), scoped(scope):
        log.activity(scope=scope)
    assert auditor.get("activity/").status_code == 404


def test_ending_it_early_ends_it_at_once_with_its_sessions(tenant, auditor):
    scope, owner = auditor.scope, Visitor(tenant, "owner")
    assert owner.post(f"auditors/{auditor.guest.id}/end/").status_code == 302
    with pytest.raises(DatabaseError, match="no guest's place is open"), scoped(scope):
        log.activity(scope=scope)
    answer = auditor.get("activity/")
    assert answer["Location"].startswith("/account/sign-in/")
    (ended,) = told(tenant, "guest.ended")
    assert ended.actor == f"member:{owner.member_id}"
    with scoped(factories.system(tenant)) as inside, pytest.raises(NotFound):
        selectors.guest(inside, clock.new_id())


def test_a_link_that_was_not_taken_in_time_opens_nothing(tenant, superuser):
    with scoped(factories.system(tenant)) as scope:
        made = flows.invite_guest(scope=scope, email="late@audits.example.com", until=soon())
        flows.end_guest(scope=scope, guest_id=made.id)
        with pytest.raises(Conflict):
            flows.join_guest(scope=scope, guest_id=made.id, account_id=clock.new_id(), email=made.email, name="")


def test_who_may_invite_whom_and_until_when(tenant):
    owner = factories.scope_of(tenant, "owner")
    admin = factories.scope_of(tenant, "admin")
    factories.make_member(tenant, "viewer", email="member@example.com")
    with scoped(admin), pytest.raises(Denied):
        flows.invite_guest(scope=admin, email="a@example.com", until=soon())
    for until in (clock.now() - timedelta(seconds=1), clock.now() + timedelta(days=367)):
        with scoped(owner), pytest.raises(Invalid):
            flows.invite_guest(scope=owner, email="a@example.com", until=until)
    with scoped(owner), pytest.raises(Conflict, match="is a member"):
        flows.invite_guest(scope=owner, email="member@example.com", until=soon())
    let_in(tenant, "a@example.com")
    with scoped(owner), pytest.raises(Conflict, match="guest already"):
        flows.invite_guest(scope=owner, email="a@example.com", until=soon())


def test_an_auditor_of_one_workspace_is_a_stranger_in_another(tenant, auditor):
    other = factories.make_tenant()
    assert auditor.client.get(f"/t/{other.slug}/activity/", secure=True).status_code == 404
    forged = Scope(
        Kind.GUEST, auditor.scope.actor, tenant_id=other.id, account_id=auditor.account_id, role=Guest.AUDITOR
    )
    with pytest.raises(DatabaseError, match="no guest's place is open"), scoped(forged):
        log.activity(scope=forged)


def test_a_guest_sees_no_class_of_field_and_holds_no_door(auditor):
    scope = auditor.scope
    assert scope.readable == frozenset()
    assert {each for each in Permission if scope.can(each)} == {
        *(Permission.PUBLIC, Permission.SIGNED_IN, Permission.ACTIVITY_READ, Permission.ACTIVITY_EXPORT)
    }


def test_what_is_known_of_a_guest_can_be_erased_and_the_log_stands(tenant, auditor):
    auditor.get("activity/")
    owner = Visitor(tenant, "owner")
    assert owner.post(f"auditors/{auditor.guest.id}/erase/").status_code == 409
    owner.post(f"auditors/{auditor.guest.id}/end/")
    assert owner.post(f"auditors/{auditor.guest.id}/erase/").status_code == 302
    (joined,) = told(tenant, "guest.joined")
    assert joined.sound
    assert joined.personal["email"] is None
    assert "(erased on request)" in joined.sentence
    assert "(erased on request)" in owner.get("activity/", type="audit.read").content.decode()
    assert auditor.email not in owner.get("auditors/").content.decode()


def test_the_check_is_kept_and_finds_a_door_left_open(installation, superuser):
    probe = ProbeContext(clock.now(), *selectors.canaries())
    assert check_guests(probe).result is Result.KEPT
    superuser.execute("create policy too_open on tenancy_department for select to safehold_app using (true)")
    try:
        assert check_guests(probe).result is Result.BROKEN
    finally:
        superuser.execute("drop policy too_open on tenancy_department")


def test_an_event_written_as_a_guest_is_the_tenants_and_names_the_guest(tenant, auditor):
    with scoped(auditor.scope) as scope:
        audit.record(scope, audit_events.READ)
    assert told(tenant, "audit.read")[-1].actor == scope.actor
