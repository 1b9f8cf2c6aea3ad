"""Asking, deciding, ending: who may, what it says where, and who is told."""

from __future__ import annotations

import pytest

from factories import make_member, make_tenant, scope_of
from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Conflict, Denied, Invalid, NotFound
from support.staffers import Staffer, approve, owner_of, require_approval

pytestmark = pytest.mark.usefixtures("installation")


def end(scope, grant):
    from safehold.foundation.staff import flows

    with scoped(scope):
        return flows.end_access(scope=scope, grant_id=grant.id)


def refuse(scope, grant):
    from safehold.foundation.staff import flows

    with scoped(scope):
        return flows.refuse_access(scope=scope, grant_id=grant.id)


def test_a_request_opens_at_once_and_its_owners_hear_of_it(staffer, tenant, outbox, told):
    owner_of(tenant, f"ona@{tenant.slug}.example.com")
    make_member(tenant, Role.VIEWER, email=f"vi@{tenant.slug}.example.com")
    outbox.clear()
    grant = staffer.ask(tenant)
    assert (grant.until_at - grant.from_at).total_seconds() == 30 * 60
    [mail] = outbox
    assert mail.to == [f"ona@{tenant.slug}.example.com"]
    assert "S-1042" in mail.subject
    for part in (staffer.name, "S-1042", "The import of Monday", f"/t/{tenant.slug}/support/"):
        assert part in mail.body
    assert told(tenant) == told(tenant, platform=True)
    actor = f"staff:{staffer.account_id}"
    assert [(name, who) for name, who, _ in told(tenant)] == [("support.asked", actor), ("support.opened", actor)]
    assert told(tenant)[-1][2]["approver"] == "nobody"


def test_reasons_and_names_lie_sealed(staffer, tenant, superuser):
    staffer.ask(tenant)
    rows = superuser.execute(
        "select body, personal from audit_event where type like 'support.%%' and body like %s",
        [f"%{tenant.id}%".encode()],
    ).fetchall()
    assert rows
    for body, personal in rows:
        assert b"import of Monday" not in body
        assert b"import of Monday" not in personal
        assert staffer.name.encode() not in body


def test_approval_names_both_in_both_logs(staffer, tenant, outbox, told):
    owner = require_approval(tenant)
    grant = staffer.ask(tenant)
    assert grant.until_at is None
    opened = approve(owner, grant)
    assert opened.approved_by == owner.member_id
    name, who, fields = told(tenant, platform=True)[-1]
    assert (name, who, fields["approver"]) == ("support.opened", owner.actor, f"member:{owner.member_id}")
    assert told(tenant)[-1] == told(tenant, platform=True)[-1]
    with pytest.raises(Conflict):
        refuse(owner, grant)


def test_a_refused_request_never_opens(staffer, tenant, told):
    owner = require_approval(tenant)
    grant = staffer.ask(tenant)
    refuse(owner, grant)
    with pytest.raises(Conflict):
        approve(owner, grant)
    assert told(tenant)[-1][0] == "support.refused"


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMIN)])
def test_only_owners_and_admins_decide(staffer, tenant, role):
    require_approval(tenant)
    grant = staffer.ask(tenant)
    for act in (approve, refuse, end):
        with pytest.raises(Denied):
            act(scope_of(tenant, role), grant)


def test_another_tenants_owner_finds_nothing(staffer, tenant):
    require_approval(tenant)
    grant = staffer.ask(tenant)
    other = owner_of(make_tenant())
    for act in (approve, refuse, end):
        with pytest.raises(NotFound):
            act(other, grant)


def test_nobody_approves_their_own_request(staffer, tenant):
    from dataclasses import replace

    owner = require_approval(tenant)
    grant = staffer.ask(tenant)
    with pytest.raises(Denied, match="Somebody else"):
        approve(replace(owner, account_id=staffer.account_id), grant)


def test_a_request_lapses(staffer, tenant, superuser):
    owner = require_approval(tenant)
    grant = staffer.ask(tenant)
    with superuser.transaction():
        superuser.execute("alter table staff_grant disable trigger keep_grant")
        superuser.execute(
            "update staff_grant set requested_at = now() - interval '4 days', decide_by = now() - interval '1 second' "
            "where id = %s",
            [grant.id],
        )
        superuser.execute("alter table staff_grant enable always trigger keep_grant")
    with pytest.raises(Conflict):
        approve(owner, grant)


def test_both_sides_end_it(staffer, tenant, told):
    owner = owner_of(tenant)
    for scope, actor in ((staffer.scope, f"staff:{staffer.account_id}"), (owner, owner.actor)):
        grant = staffer.ask(tenant)
        assert end(scope, grant).ended_by == actor
        assert told(tenant)[-1][:2] == ("support.ended", actor)
        with pytest.raises(Conflict):
            end(scope, grant)


def test_a_colleague_neither_sees_nor_ends_it(staffer, tenant):
    from safehold.foundation.staff import selectors

    grant, colleague = staffer.ask(tenant), Staffer()
    with scoped(colleague.scope) as scope:
        assert selectors.grants(scope) == []
    with pytest.raises(NotFound):
        end(colleague.scope, grant)
    colleague.leave()


def test_one_at_a_time(staffer, tenant):
    staffer.ask(tenant)
    with pytest.raises(Conflict, match="already"):
        staffer.ask(tenant)


@pytest.mark.parametrize(
    ("other", "place"),
    [
        ({"case": "  "}, "case"),
        ({"reason": "because"}, "reason"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 241}, "minutes"),
    ],
)
def test_a_look_needs_a_case_a_reason_and_an_end(staffer, tenant, other, place):
    with pytest.raises(Invalid) as caught:
        staffer.ask(tenant, **other)
    assert [problem.place for problem in caught.value.problems] == [place]


def test_who_isnt_on_the_staff_asks_for_nothing(staffer, tenant):
    from dataclasses import replace

    from safehold.foundation.scope.clock import new_id

    stranger = Staffer()
    stranger.leave()
    with pytest.raises(Denied):
        stranger.ask(tenant)
    outsider = Staffer.__new__(Staffer)
    outsider.account_id = new_id()
    with pytest.raises(Denied), scoped(replace(outsider.scope, staff=False)) as scope:
        from safehold.foundation.staff import flows

        flows.request_access(scope=scope, slug=tenant.slug, case="1", reason="long enough", minutes=5)


def test_a_code_from_the_mail_approves_in_its_holders_name(staffer, tenant, outbox, told):
    import re

    from factories import PLATFORM_SCOPE
    from safehold.foundation.staff import flows

    owner = owner_of(tenant, f"ona@{tenant.slug}.example.com")
    with scoped(owner):
        flows.require_approval(scope=owner, needed=True)
    outbox.clear()
    grant = staffer.ask(tenant)
    [mail] = outbox
    code = re.search(r"^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$", mail.body, re.MULTILINE)[0]
    with scoped(PLATFORM_SCOPE) as scope:
        with pytest.raises(Denied, match="mailed"):
            flows.approve_by_code(scope=scope, grant_id=grant.id, code="AAAA-" + code[5:])
        assert told(tenant)[-1][0] == told(tenant, platform=True)[-1][0] == "support.denied"
        opened = flows.approve_by_code(scope=scope, grant_id=grant.id, code=code.lower().replace("-", " "))
    assert opened.approved_by == owner.member_id
    assert told(tenant)[-1][1] == owner.actor


def test_the_database_wants_the_approval_too(staffer, tenant):
    from django.db import IntegrityError, connection

    from factories import system

    require_approval(tenant)
    grant = staffer.ask(tenant)
    with pytest.raises(IntegrityError), scoped(system(tenant)):
        connection.cursor().execute(
            "update staff_grant set from_at = now(), until_at = now() + interval '5 minutes' where id = %s", [grant.id]
        )


def test_a_scope_of_staff_reads_and_cant_go_back(staffer, tenant):
    from django.db import DatabaseError, connection

    from factories import system
    from safehold.foundation.scope.errors import NoScope
    from safehold.foundation.scope.transaction import current_scope, rebind
    from safehold.foundation.tenancy import selectors as tenancy

    staffer.ask(tenant)
    usual = connection.settings_dict["USER"]
    with scoped(staffer.scope) as own:
        with scoped(staffer.inside(tenant)) as inside:
            assert current_scope() is inside
            assert connection.settings_dict["USER"] == "safehold_staff"
            assert tenancy.tenant(inside).slug == tenant.slug
            assert len(tenancy.departments(inside)) == 2
            with pytest.raises(Denied, match="nothing opens a workspace"), scoped(system(tenant)):
                pass
            with pytest.raises(NoScope):
                rebind(own)
            with scoped(own):
                assert connection.settings_dict["USER"] == usual
                assert current_scope() is own
            assert connection.settings_dict["USER"] == "safehold_staff"
            with pytest.raises(DatabaseError), connection.cursor() as cursor:
                cursor.execute("delete from tenancy_department")
            from django.db import transaction

            transaction.set_rollback(True)
        assert connection.settings_dict["USER"] == usual
        assert current_scope() is own
