"""Staff inside a workspace: what they see, what is noted, and how it ends."""

from __future__ import annotations

import html

import pytest

from factories import make_tenant
from safehold.foundation.access.matrix import Role
from support.staffers import approve, require_approval, shorten
from support.visitors import Visitor

pytestmark = pytest.mark.usefixtures("installation")


def words(answer) -> str:
    return html.unescape(answer.content.decode())


@pytest.fixture
def client(staffer):
    return staffer.browser()


def home(tenant) -> str:
    return f"/t/{tenant.slug}/"


def test_without_a_grant_a_workspace_isnt_there_and_the_try_is_noted(client, staffer, tenant, told):
    assert client.get(home(tenant), secure=True).status_code == 404
    for log in (told(tenant), told(tenant, platform=True)):
        [(name, actor, fields)] = log
        assert (name, actor, fields["why"]) == ("support.denied", f"staff:{staffer.account_id}", "no grant is open")


def test_every_page_is_marked_and_noted_in_both_logs(client, staffer, tenant, told):
    staffer.ask(tenant)
    for path in ("", "departments/", "settings/", "records/"):
        answer = client.get(home(tenant) + path, secure=True)
        if answer.status_code == 404:
            continue
        assert answer.status_code == 200, words(answer)
        for part in ("Support access", staffer.name, "S-1042", "End now"):
            assert part in words(answer)
    looks = [(actor, fields) for name, actor, fields in told(tenant) if name == "support.looked"]
    assert [fields["route"] for _, fields in looks][:2] == ["GET /t/<slug:slug>/", "GET /t/<slug:slug>/departments/"]
    assert {actor for actor, _ in looks} == {f"staff:{staffer.account_id}"}
    assert [one for one in told(tenant, platform=True) if one[0] == "support.looked"] == [
        one for one in told(tenant) if one[0] == "support.looked"
    ]


def test_staff_see_what_a_viewer_sees(client, staffer, tenant, told):
    staffer.ask(tenant)
    for path in ("members/", "activity/", "tokens/", "support/"):
        assert client.get(home(tenant) + path, secure=True).status_code == 403
    denied = [fields for name, _, fields in told(tenant, platform=True) if name == "support.denied"]
    assert denied[0]["why"] == "tenancy:members:read"
    assert len(denied) == 4


def test_staff_change_nothing(client, staffer, tenant, told):
    from factories import system
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    staffer.ask(tenant)
    answer = client.post(home(tenant) + "departments/", {"name": "Third"}, secure=True)
    assert answer.status_code == 403
    assert "only reads" in words(answer)
    with scoped(system(tenant)) as scope:
        assert len(selectors.departments(scope)) == 2
    assert told(tenant)[-1][2]["why"] == "support-only-reads"


def test_another_workspace_stays_closed(client, staffer, tenant):
    staffer.ask(tenant)
    assert client.get(home(make_tenant()), secure=True).status_code == 404


def test_it_is_over_when_it_is_over(client, staffer, tenant, superuser):
    grant = staffer.ask(tenant)
    assert client.get(home(tenant), secure=True).status_code == 200
    shorten(superuser, grant, -1)
    assert client.get(home(tenant), secure=True).status_code == 404


def test_what_was_read_while_it_ran_out_isnt_shown(client, staffer, superuser, monkeypatch, told):
    from safehold.foundation.tenancy import web

    tenant = make_tenant(departments=["Second"])
    grant = staffer.ask(tenant)
    usual = web.selectors.departments

    def late(scope):
        found = usual(scope)
        list(found)
        shorten(superuser, grant, -1)
        return list(found)

    monkeypatch.setattr(web.selectors, "departments", late)
    answer = client.get(home(tenant) + "departments/", secure=True)
    assert answer.status_code == 403
    assert "has ended" in words(answer)
    assert told(tenant)[-1][2]["why"] == "support-ended"


def test_a_page_that_meets_the_closed_door_says_so(client, staffer, tenant, superuser, monkeypatch):
    from safehold.foundation.tenancy import web

    grant = staffer.ask(tenant)
    usual = web.selectors.departments

    def late(scope):
        shorten(superuser, grant, -1)
        return list(usual(scope))

    monkeypatch.setattr(web.selectors, "departments", late)
    answer = client.get(home(tenant) + "departments/", secure=True)
    assert answer.status_code == 403
    assert "has ended" in words(answer)


def test_a_page_that_writes_is_refused_by_the_database(client, staffer, tenant, monkeypatch):
    from safehold.foundation.tenancy import web
    from safehold.foundation.tenancy.models import Department

    staffer.ask(tenant)
    monkeypatch.setattr(web.selectors, "departments", lambda _: Department.objects.all().delete())
    answer = client.get(home(tenant) + "departments/", secure=True)
    assert answer.status_code == 403
    assert "only reads" in words(answer)


def test_staff_ask_and_end_on_their_page(client, staffer, tenant):
    page = client.get("/staff/", secure=True)
    assert "You haven't looked in anywhere" in words(page)
    wish = {"slug": tenant.slug, "case": "S-1", "reason": "The totals are wrong.", "minutes": "20"}
    assert client.post("/staff/", {**wish, "minutes": "999"}, secure=True).status_code == 422
    assert client.post("/staff/", {**wish, "slug": "nobody-here"}, secure=True).status_code == 404
    assert client.post("/staff/", wish, secure=True).status_code == 302
    page = words(client.get("/staff/", secure=True))
    assert f'href="/t/{tenant.slug}/"' in page
    address = page.split('action="/staff/grants/')[1].split('"')[0]
    assert client.post(f"/staff/grants/{address}", secure=True).status_code == 302
    assert client.get(home(tenant), secure=True).status_code == 404


def test_members_have_no_staff_page(tenant):
    member = Visitor(tenant, Role.OWNER)
    assert member.client.get("/staff/", secure=True).status_code == 403
    assert "/staff/" not in words(member.get())


def test_staff_without_a_second_factor_reach_nothing(installation, tenant):
    from django.test import Client

    from factories import PLATFORM_SCOPE
    from safehold.foundation.scope.clock import new_id
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.staff import flows
    from support.staffers import PASSWORD

    unique = new_id().hex[-12:]
    email = f"p{unique}@staff.example.com"
    with scoped(PLATFORM_SCOPE) as scope:
        flows.add_staff(scope=scope, email=email, name=f"Jo {unique}", duty="engineer", password=PASSWORD)
        wish = {"case": "S-1", "reason": "The totals are wrong.", "minutes": 5}
        flows.grant_access(scope=scope, email=email, slug=tenant.slug, **wish)
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.45")
    assert client.post("/account/sign-in/", {"login": email, "password": PASSWORD}, secure=True).status_code == 302
    for path in ("/staff/", home(tenant)):
        assert client.get(path, secure=True)["Location"] == "/account/second-factor/new/"
    with scoped(PLATFORM_SCOPE) as scope:
        flows.remove_staff(scope=scope, email=email)


def test_the_workspace_sees_who_looked_in_and_decides(client, staffer, tenant):
    owner, employee = Visitor(tenant, Role.OWNER), Visitor(tenant, Role.EMPLOYEE)
    assert employee.get("support/").status_code == 403
    assert "Nobody has looked in" in words(owner.get("support/"))
    assert owner.post("support/approval/", {"needed": "yes"}).status_code == 302
    grant = staffer.ask(tenant)
    assert client.get(home(tenant), secure=True).status_code == 404
    page = words(owner.get("support/"))
    assert "Your approval is asked for" in page
    assert "The import of Monday" in page
    assert owner.post(f"support/{grant.id}/approve/").status_code == 302
    assert client.get(home(tenant), secure=True).status_code == 200
    page = words(owner.get("support/"))
    assert "Robin Test" in page
    activity = words(owner.get("activity/", on=f"support:{grant.id}"))
    assert staffer.name in activity
    assert "(support)" in activity
    assert owner.post(f"support/{grant.id}/end/").status_code == 302
    assert client.get(home(tenant), secure=True).status_code == 404
    assert owner.post("support/approval/", {"needed": "no"}).status_code == 302
    second = staffer.ask(tenant)
    assert second.until_at is not None


def test_an_admin_refuses(staffer, tenant):
    require_approval(tenant)
    admin, grant = Visitor(tenant, Role.ADMIN), staffer.ask(tenant)
    assert admin.post(f"support/{grant.id}/refuse/").status_code == 302
    assert "Refused" in words(admin.get("support/"))
    assert admin.post(f"support/{grant.id}/approve/").status_code == 409


def test_an_approved_look_names_the_approver_in_each_event(client, staffer, tenant, told):
    owner = require_approval(tenant)
    approve(owner, staffer.ask(tenant))
    client.get(home(tenant), secure=True)
    assert told(tenant, platform=True)[-1][2]["approver"] == f"member:{owner.member_id}"


def test_the_api_decides_too(client, staffer, tenant):
    from support.callers import Caller

    owner, viewer = Caller(tenant, Role.OWNER), Caller(tenant, Role.MANAGER)
    assert owner.call("put", "support-access/approval", {"needed": True}).data == {"needed": True}
    assert viewer.call("put", "support-access/approval", {"needed": False}).status_code == 403
    assert viewer.call("get", "support-access/approval").data == {"needed": True}
    grant = staffer.ask(tenant)
    [row] = viewer.call("get", "support-access").data
    assert (row["id"], row["state"], row["staff"]) == (str(grant.id), "waiting", staffer.name)
    assert viewer.call("post", f"support-access/{grant.id}/approve").status_code == 403
    assert owner.call("post", f"support-access/{grant.id}/approve").data["state"] == "open"
    assert client.get(home(tenant), secure=True).status_code == 200
    assert owner.call("post", f"support-access/{grant.id}/end").data["state"] == "ended"
    assert client.get(home(tenant), secure=True).status_code == 404
    second = staffer.ask(tenant)
    assert owner.call("post", f"support-access/{second.id}/refuse").data["state"] == "refused"
    assert owner.call("post", f"support-access/{second.id}/approve").status_code == 409
