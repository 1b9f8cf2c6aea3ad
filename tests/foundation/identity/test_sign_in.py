"""Signing in, through the whole of the middleware and on the real database."""

from __future__ import annotations

import re

import pytest

from factories import make_tenant
from support.pages import faults

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def tenant():
    return make_tenant()


def test_somebody_without_a_second_factor_signs_in_with_a_password(tenant, make_person, browser, events):
    person = make_person((tenant, "viewer"))
    answer = browser().password(person)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    here = browser().sign_in(person)
    assert here.get(f"/t/{tenant.slug}/").status_code == 200
    name, actor, fields = events(person.account)[0]
    assert (name, actor) == ("account.signed-in", f"account:{person.account.id}")
    assert fields["factor"] == "password"
    assert fields["device"] == "Firefox on Linux"
    assert events(person.account, tenant)[0][0] == "account.signed-in"
    assert events(person.account, tenant)[0][1].startswith("member:")


def test_the_address_is_read_in_any_case(make_person, browser):
    person = make_person()
    answer = browser().post("/account/sign-in/", {"login": person.email.upper(), "password": person.password})
    assert answer.status_code == 302


def test_with_a_second_factor_the_password_alone_opens_nothing(tenant, make_person, browser, events):
    person = make_person((tenant, "owner"), enrolled=True)
    here = browser()
    answer = here.password(person)
    assert answer["Location"] == "/account/sign-in/code/"
    assert not here.signed_in
    assert here.get(f"/t/{tenant.slug}/")["Location"].startswith("/account/sign-in/?next=")
    assert here.post("/account/sign-in/code/", {"code": "000000"}).status_code == 200
    assert not here.signed_in
    assert here.post("/account/sign-in/code/", {"code": person.code()}).status_code == 302
    assert here.get(f"/t/{tenant.slug}/").status_code == 200
    assert events(person.account)[0][2]["factor"] == "password+totp"


def test_a_code_counts_once(make_person, browser):
    person = make_person(enrolled=True)
    code = person.code()
    first, second = browser(), browser()
    first.password(person)
    second.password(person)
    assert first.post("/account/sign-in/code/", {"code": code}).status_code == 302
    assert second.post("/account/sign-in/code/", {"code": code}).status_code == 200
    assert not second.signed_in


def test_a_recovery_code_counts_once(make_person, browser, events):
    person = make_person(enrolled=True)
    code = person.recovery_codes[3]
    first, second = browser(), browser()
    first.password(person)
    second.password(person)
    assert first.post("/account/sign-in/code/", {"code": code}).status_code == 302
    assert first.signed_in
    assert second.post("/account/sign-in/code/", {"code": code}).status_code == 200
    assert ("account.recovery-code-used", {"account": str(person.account.id), "left": 9}) in [
        (name, fields) for name, _, fields in events(person.account)
    ]


def test_the_session_gets_a_new_key_at_sign_in_and_the_old_one_is_dead(make_person, browser):
    person, here = make_person(), browser()
    here.get("/account/invitation/nothing/")  # leaves something in an anonymous session
    before = here.cookie
    here.sign_in(person)
    assert before
    assert here.cookie != before
    old = browser()
    old.client.cookies["__Host-session"] = before
    assert not old.signed_in


def test_cookies_are_bound_to_this_host_and_out_of_scripts_reach(make_person, browser):
    here = browser().sign_in(make_person())
    here.get("/account/")
    cookies = {name: cookie for name, cookie in here.client.cookies.items() if cookie.value}
    assert set(cookies) == {"__Host-session", "__Host-csrf"}
    for cookie in cookies.values():
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


def test_signing_out_ends_the_session_on_the_server(make_person, browser, events):
    person = make_person()
    here = browser().sign_in(person)
    stolen = here.cookie
    answer = here.post("/account/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    thief = browser()
    thief.client.cookies["__Host-session"] = stolen
    assert not thief.signed_in
    assert events(person.account)[0][0] == "account.signed-out"


def words(answer) -> str:
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return re.sub(r'value="[^"]*@[^"]*"', "", html)


def test_an_unknown_address_and_a_wrong_password_read_the_same(make_person, browser):
    person = make_person()
    wrong = browser("192.0.2.21").password(person, "the lamp eats summer")
    unknown = browser("192.0.2.22").post(
        "/account/sign-in/", {"login": "nobody@example.com", "password": "the lamp eats summer"}
    )
    assert wrong.status_code == unknown.status_code == 200
    assert words(wrong) == words(unknown)
    assert set(wrong.headers) == set(unknown.headers)


def test_a_failed_sign_in_is_written_though_nothing_else_is(tenant, make_person, browser, events):
    from safehold.foundation.identity import flows

    person = make_person((tenant, "viewer"))
    browser().password(person, "the lamp eats summer")
    name, actor, fields = events(person.account)[0]
    assert (name, actor, fields["step"]) == ("account.sign-in-failed", "visitor", "password")
    flows.wait_for_copies()
    assert events(person.account, tenant)[0][:2] == ("account.sign-in-failed", "visitor")


def test_a_closed_account_does_not_sign_in(make_person, browser, signing_in):
    from safehold.foundation.identity.models import Account

    person = make_person()
    here = browser().sign_in(person)
    with signing_in():
        Account.objects.filter(id=person.account.id).update(is_active=False)
    assert not here.signed_in
    answer = browser().password(person)
    assert answer["Location"] == "/account/inactive/"


def test_nobody_signs_up_alone(browser, signing_in):
    from safehold.foundation.identity.models import Account

    with signing_in():
        before = Account.objects.count()
    answer = browser().post("/account/sign-up/", {"email": "me@example.com", "password1": "the lamp eats winter"})
    assert b"By invitation" in answer.content
    with signing_in():
        assert Account.objects.count() == before


def test_where_sign_up_is_open_an_address_is_confirmed_first(browser, settings_of, outbox):
    from dataclasses import replace

    from django.conf import settings

    from safehold.foundation.scope.clock import new_id

    here, email = browser(), f"u{new_id().hex[-12:]}@example.com"
    with settings_of(SAFEHOLD=replace(settings.SAFEHOLD, open_sign_up=True)):
        assert faults(here.get("/account/sign-up/").content.decode()) == []
        weak = here.post("/account/sign-up/", {"email": email, "password1": "passwordpassword"})
        assert weak.status_code == 200
        answer = here.post("/account/sign-up/", {"email": email, "password1": "the lamp eats winter"})
        assert answer["Location"] == "/account/email/code/"
        assert not here.signed_in
        [code] = re.findall(r"^([A-Z0-9-]{5,})$", outbox[-1].body, re.MULTILINE)
        assert here.post("/account/email/code/", {"code": code}).status_code == 302
        assert here.signed_in
        taken = browser().post("/account/sign-up/", {"email": email, "password1": "the lamp eats winter"})
        assert taken["Location"] == "/account/email/code/"
        assert outbox[-1].subject == "You have an account already"


def test_visitors_are_sent_to_sign_in_and_back(tenant, make_person, browser):
    person, here = make_person((tenant, "viewer")), browser()
    answer = here.get(f"/t/{tenant.slug}/")
    assert answer["Location"] == f"/account/sign-in/?next=%2Ft%2F{tenant.slug}%2F"
    answer = here.post(answer["Location"], {"login": person.email, "password": person.password})
    assert answer["Location"] == f"/t/{tenant.slug}/"
    evil = browser().post(
        "/account/sign-in/?next=https://evil.example/", {"login": person.email, "password": person.password}
    )
    assert evil["Location"] == "/"


def test_another_tenants_address_and_an_absent_one_look_alike(tenant, make_person, browser):
    here = browser().sign_in(make_person((tenant, "owner"), enrolled=True))
    other = make_tenant()
    foreign, absent = here.get(f"/t/{other.slug}/"), here.get("/t/no-such-workspace/")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content.decode().replace(other.slug, "") == absent.content.decode().replace("no-such-workspace", "")


@pytest.mark.parametrize("path", ["sign-in/", "sign-up/", "password/reset/", "password/reset/sent/", "inactive/"])
def test_public_pages_are_well_made(path, browser):
    answer = browser().get(f"/account/{path}")
    assert answer.status_code == 200
    assert faults(answer.content.decode()) == []
    assert answer["Cache-Control"].find("no-store") >= 0


OWN = ["", "password/", "email/", "sessions/", "second-factor/", "sign-out/", "second-factor/new/"]


@pytest.mark.parametrize("path", OWN)
def test_own_pages_are_well_made_and_need_an_account(path, make_person, browser):
    answer = browser().sign_in(make_person()).get(f"/account/{path}")
    assert answer.status_code == 200
    assert faults(answer.content.decode()) == []
    if path != "sign-out/":
        assert browser().get(f"/account/{path}")["Location"].startswith("/account/sign-in/")
