"""The register: named people only, and what ends when one of them leaves."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from factories import PLATFORM_SCOPE, make_member
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Conflict, Invalid, NotFound
from support.staffers import PASSWORD, Staffer, owner_of, require_approval

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def run():
    from safehold.foundation.staff.cli import COMMANDS

    def call(*arguments, **more):
        return CliRunner().invoke(COMMANDS[0], [str(each) for each in arguments], catch_exceptions=False, **more)

    return call


def add(**other):
    from safehold.foundation.staff import flows

    unique = new_id().hex[-12:]
    given = {"email": f"p{unique}@staff.example.com", "name": f"Sam {unique}", "duty": "engineer", "password": PASSWORD}
    with scoped(PLATFORM_SCOPE) as scope:
        return flows.add_staff(scope=scope, **{**given, **other})


@pytest.mark.parametrize("local", ["support", "admin", "root", "team", "Helpdesk"])
def test_an_address_of_several_people_is_refused(local):
    with pytest.raises(Invalid) as caught:
        add(email=f"{local}@example.com")
    assert "email" in {problem.place for problem in caught.value.problems}


@pytest.mark.parametrize("other", [{"name": "Sam"}, {"name": " "}, {"duty": ""}])
def test_nobody_is_unnamed_or_without_a_duty(other):
    with pytest.raises(Invalid):
        add(**other)


def test_a_name_stands_for_one(staffer):
    with pytest.raises(Invalid, match="Nobody can join"):
        add(name=staffer.name)
    with pytest.raises(Conflict, match="already"):
        add(email=staffer.email)


def test_a_weak_password_puts_nobody_on_it():
    with pytest.raises(Invalid):
        add(password="short")


def test_leaving_ends_everything_in_that_transaction(tenant, superuser):
    from safehold.foundation.identity import flows as identity
    from safehold.foundation.tenancy import selectors as tenancy

    staffer = Staffer()
    browser = staffer.browser()
    assert browser.get("/staff/", secure=True).status_code == 200
    grant = staffer.ask(tenant)
    member = make_member(tenant, "manager", email=staffer.email, account_id=staffer.account_id)
    inside = tenancy.tenant_scope(account_id=staffer.account_id, slug=tenant.slug, address="")
    with scoped(inside):
        _, token = identity.issue_token(scope=inside, name="a script")
    staffer.leave()
    assert browser.get("/staff/", secure=True)["Location"].startswith("/account/sign-in/")
    assert browser.get("/api/v1/workspace", secure=True, HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 401
    ended, left = superuser.execute(
        "select g.ended_at, m.left_at from staff_grant g join staff_member m using (account_id) where g.id = %s",
        [grant.id],
    ).fetchone()
    assert abs((left - ended).total_seconds()) < 60
    assert superuser.execute("select revoked_at from identity_token where member_id = %s", [member.id]).fetchone()[0]
    assert superuser.execute(
        "select is_active, is_staff from identity_account where id = %s", [staffer.account_id]
    ).fetchone() == (False, False)
    with pytest.raises(Conflict, match="left"):
        staffer.leave()


def test_leaving_takes_requests_back_too(tenant, told):
    owner, staffer = require_approval(tenant), Staffer()
    grant = staffer.ask(tenant)
    staffer.leave()
    assert told(tenant)[-1][0] == "support.ended"
    from support.staffers import approve

    with pytest.raises(Conflict):
        approve(owner, grant)


def test_another_duty_ends_what_was_open(staffer, tenant, told):
    from safehold.foundation.staff import flows

    browser = staffer.browser()
    staffer.ask(tenant)
    with scoped(PLATFORM_SCOPE) as scope:
        flows.change_staff(scope=scope, email=staffer.email, duty="sales engineer")
    assert told(tenant)[-1][0] == "support.ended"
    assert browser.get("/staff/", secure=True)["Location"].startswith("/account/sign-in/")


def test_nothing_of_a_leaving_that_fails_stays(staffer, tenant, superuser):
    from safehold.foundation.staff import flows

    grant = staffer.ask(tenant)
    with pytest.raises(RuntimeError), scoped(PLATFORM_SCOPE) as scope:
        flows.remove_staff(scope=scope, email=staffer.email)
        raise RuntimeError
    assert superuser.execute("select ended_at from staff_grant where id = %s", [grant.id]).fetchone() == (None,)


def test_who_comes_back_gets_a_new_password(tenant):
    staffer = Staffer()
    staffer.leave()
    back = add(email=staffer.email, name=staffer.name, password="other lamps eat the summer")
    assert back.account_id == staffer.account_id
    assert staffer.ask(tenant)
    staffer.leave()


def test_the_commands_tell_what_they_did(run, tenant, outbox):
    email = f"p{new_id().hex[-12:]}@staff.example.com"
    owner_of(tenant, f"ona@{tenant.slug}.example.com")
    name = f"Kim {new_id().hex[-8:]}"
    made = run("add", email, "--name", name, "--duty", "support engineer", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert "second factor" in made.output
    assert PASSWORD not in made.output
    [row] = [each for each in json.loads(run("list", "--json").output) if each["email"] == email]
    assert (row["name"], row["duty"], row["left"]) == (name, "support engineer", None)
    wish = ["--case", "S-7", "--reason", "The export is empty.", "--minutes", "20"]
    assert "may look into" in run("grant", email, tenant.slug, *wish).output
    [grant] = [each for each in json.loads(run("grants", "--json").output) if each["who"] == name]
    assert (grant["tenant"], grant["state"], grant["minutes"]) == (tenant.slug, "open", 20)
    assert name in run("grants").output
    assert "can't look in" in run("end", grant["grant"]).output
    require_approval(tenant)
    assert "asked to approve" in run("grant", email, tenant.slug, *wish).output
    [grant] = [each for each in json.loads(run("grants", "--json").output) if each["who"] == name]
    code = next(line for line in outbox[-1].body.splitlines() if line.count("-") == 3 and line.isupper())
    assert "Approved" in run("approve", grant["grant"], "--code", code).output
    assert "sales" in run("change", email, "--duty", "sales engineer").output
    assert "has left" in run("remove", email).output
    [row] = [each for each in json.loads(run("list", "--json").output) if each["email"] == email]
    assert row["left"]
    assert not [each for each in json.loads(run("grants", "--json").output) if each["who"] == name]


def test_a_command_about_nobody_says_so(run):
    with pytest.raises(NotFound, match="Nobody on the staff"):
        run("remove", "nobody@example.com")
