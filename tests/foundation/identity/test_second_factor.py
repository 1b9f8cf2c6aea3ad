"""Second factors: who must have one reaches nothing before, and no secret of one is readable."""

from __future__ import annotations

import json
import re
import threading

import pytest

from factories import make_tenant, system
from support.pages import Page, faults

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def tenant():
    return make_tenant()


def seed_on(page: str) -> str:
    return re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]


def code_of(seed: str) -> str:
    import time

    from safehold.foundation.identity import totp

    return totp.code_at(seed, totp.step_of(time.time()))


def rows(person, signing_in):
    from allauth.mfa.models import Authenticator

    with signing_in():
        return list(Authenticator.objects.filter(user_id=person.account.id).order_by("type"))


CLOSED = [
    "/",
    "/t/{slug}/",
    "/t/{slug}/members/",
    "/account/",
    "/account/password/",
    "/account/sessions/",
    "/account/workspaces/",
]


@pytest.mark.parametrize("place", ["owner", "admin", "staff"])
@pytest.mark.parametrize("path", CLOSED)
def test_before_enrolment_nothing_else_opens(path, place, tenant, make_person, browser):
    person = make_person(staff=True) if place == "staff" else make_person((tenant, place))
    here = browser().sign_in(person)
    for answer in (here.get(path.format(slug=tenant.slug)), here.post(path.format(slug=tenant.slug))):
        assert answer.status_code == 302
        assert answer["Location"] == "/account/second-factor/new/"


def test_programs_get_a_problem_document(tenant, make_person, browser):
    here = browser().sign_in(make_person((tenant, "owner")))
    answer = here.get("/api/v1/members")
    if answer.status_code == 404:
        pytest.skip("the API isn't mounted here")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "second-factor-needed"


@pytest.mark.parametrize("role", ["manager", "accountant", "hr", "viewer", "employee"])
def test_other_roles_may_do_without(role, tenant, make_person, browser):
    here = browser().sign_in(make_person((tenant, role)))
    assert here.get(f"/t/{tenant.slug}/").status_code == 200


def test_an_owner_enrols_sees_the_codes_once_and_goes_on(make_person, browser, events, outbox, signing_in):
    tenant = make_tenant()
    person = make_person((tenant, "owner"))
    here = browser().sign_in(person)
    page = here.get("/account/second-factor/new/")
    assert faults(page.content.decode()) == []
    seed = seed_on(page.content.decode())
    wrong = here.post("/account/second-factor/new/", {"code": "000000"})
    assert seed_on(wrong.content.decode()) == seed
    before = here.cookie
    done = here.post("/account/second-factor/new/", {"code": code_of(seed)})
    assert faults(done.content.decode()) == []
    codes = [text for _, _, text in Page(done.content.decode()).named("code")]
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"\d{10}", code) for code in codes)
    assert here.cookie != before
    assert here.get(f"/t/{tenant.slug}/").status_code == 200
    assert "account.second-factor-added" in [name for name, _, _ in events(person.account)]
    assert "account.second-factor-added" in [name for name, _, _ in events(person.account, tenant)]
    assert [mail.subject for mail in outbox][1:] == ["A second factor was added"]
    for path in ("/account/second-factor/", "/account/second-factor/codes/"):
        shown = here.get(path).content.decode()
        assert faults(shown) == []
        assert not any(code in shown for code in codes)
    kept = rows(person, signing_in)
    assert [row.type for row in kept] == ["recovery_codes", "totp"]
    for row in kept:
        stored = json.dumps(row.data)
        assert seed not in stored
        assert not any(code in stored for code in codes)


def test_the_code_of_enrolment_does_not_sign_in_too(make_person, browser):
    person = make_person()
    here = browser().sign_in(person)
    seed = seed_on(here.get("/account/second-factor/new/").content.decode())
    code = code_of(seed)
    here.post("/account/second-factor/new/", {"code": code})
    other = browser()
    other.password(person)
    other.post("/account/sign-in/code/", {"code": code})
    assert not other.signed_in


def test_the_pending_seed_is_not_readable_in_the_session(make_person, browser, signing_in):
    from safehold.foundation.identity.models import Session

    person = make_person()
    here = browser().sign_in(person)
    seed = seed_on(here.get("/account/second-factor/new/").content.decode())
    with signing_in():
        stored = Session.objects.get(account_id=person.account.id)
    assert seed.encode() not in bytes(stored.data)
    assert here.cookie not in repr(stored.__dict__)


def test_a_factor_moved_to_another_account_does_not_open(make_person, signing_in):
    from allauth.mfa.models import Authenticator

    from safehold.foundation.identity import factors
    from safehold.kernel.errors import Tampered

    one, other = make_person(enrolled=True), make_person()
    [stored] = [row for row in rows(one, signing_in) if row.type == "totp"]
    assert factors.open_secret(stored.data["secret"]) == one.seed
    with signing_in(), pytest.raises(Tampered):
        Authenticator.objects.create(user_id=other.account.id, type="totp", data=stored.data)
    relabelled = stored.data["secret"].replace(one.account.id.hex, other.account.id.hex)
    with signing_in(), pytest.raises(Tampered):
        factors.open_secret(relabelled)
    for nonsense in ("", "1:x:y", "2:" + stored.data["secret"][2:]):
        with signing_in(), pytest.raises(Tampered):
            factors.open_secret(nonsense)


def test_one_code_typed_twice_at_the_same_moment_counts_once(make_person):
    from django.db import connection

    from safehold.foundation.identity import flows
    from safehold.foundation.scope.scope import Kind, Scope
    from safehold.foundation.scope.transaction import scoped

    person, taken = make_person(enrolled=True), []
    code, gate = person.code(), threading.Barrier(4)

    def take():
        scope = Scope(Kind.SIGN_IN, actor="system:test")
        gate.wait()
        with scoped(scope):
            taken.append(flows.take_code(scope=scope, account=person.account, typed=code) is not None)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False, False, False, True]


def test_who_must_have_a_factor_cannot_remove_it(tenant, make_person, browser, signing_in):
    person = make_person((tenant, "admin"), enrolled=True)
    here = browser().sign_in(person)
    page = here.get("/account/second-factor/remove/").content.decode()
    assert "can" in page
    assert faults(page) == []
    here.post("/account/second-factor/remove/")
    assert len(rows(person, signing_in)) == 2
    assert "Remove it" not in here.get("/account/second-factor/").content.decode()


def test_who_need_not_have_a_factor_may_remove_it(make_person, browser, events, signing_in, outbox):
    person = make_person((make_tenant(), "viewer"), enrolled=True)
    here, other = browser().sign_in(person), browser()
    other.password(person)
    other.post("/account/sign-in/code/", {"code": person.recovery_codes[0]})
    assert other.signed_in
    answer = here.post("/account/second-factor/remove/")
    assert answer["Location"] == "/account/second-factor/"
    assert rows(person, signing_in) == []
    assert here.signed_in
    assert not other.signed_in
    names = [name for name, _, _ in events(person.account)]
    assert "account.second-factor-removed" in names
    assert "account.sessions-ended" in names
    assert [mail.subject for mail in outbox][1:] == ["Your second factor was removed"]


def test_new_recovery_codes_replace_the_old(make_person, browser):
    person = make_person(enrolled=True)
    here = browser().sign_in(person)
    codes = [text for _, _, text in Page(here.post("/account/second-factor/codes/").content.decode()).named("code")]
    assert len(codes) == 10
    other = browser()
    other.password(person)
    other.post("/account/sign-in/code/", {"code": person.recovery_codes[0]})
    assert not other.signed_in
    other.post("/account/sign-in/code/", {"code": codes[0]})
    assert other.signed_in


def test_what_matters_asks_for_the_code_again_after_a_while(make_person, browser, monkeypatch):
    from safehold.foundation.identity import adapters

    person = make_person(enrolled=True)
    here = browser().sign_in(person)
    monkeypatch.setattr(adapters, "_RECENT", -1)
    for path in ("/account/second-factor/remove/", "/account/second-factor/codes/"):
        assert here.get(path)["Location"].startswith("/account/again/code/?next=")
    assert here.get("/account/again/?next=/account/")["Location"].startswith("/account/again/code/")
    assert faults(here.get("/account/again/code/").content.decode()) == []
    monkeypatch.setattr(adapters, "_RECENT", 300)
    answer = here.post("/account/again/code/?next=/account/second-factor/codes/", {"code": person.recovery_codes[1]})
    assert answer["Location"] == "/account/second-factor/codes/"


def test_a_new_admin_must_enrol_at_the_next_request(tenant, make_person, browser):
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows, selectors

    person = make_person((tenant, "viewer"))
    here = browser().sign_in(person)
    with scoped(system(tenant)) as scope:
        member = selectors.members(scope).get(account_id=person.account.id)
        flows.change_member(scope=scope, member_id=member.id, role="admin")
    assert here.get(f"/t/{tenant.slug}/")["Location"].startswith("/account/sign-in/")
    assert here.sign_in(person).get(f"/t/{tenant.slug}/")["Location"] == "/account/second-factor/new/"


def test_codes_of_demo_people_only_are_shown(make_person, signing_in):
    from safehold.foundation.identity import flows
    from safehold.kernel.errors import SafeholdError

    demo, real = make_person(demo=True), make_person(enrolled=True)
    with signing_in() as scope:
        flows.enrol_demo_totp(scope=scope, account=demo.account)
        flows.enrol_demo_totp(scope=scope, account=demo.account)
        assert re.fullmatch(r"\d{6}", flows.present_code(scope=scope, account=demo.account))
        with pytest.raises(SafeholdError):
            flows.present_code(scope=scope, account=real.account)
        with pytest.raises(SafeholdError):
            flows.enrol_demo_totp(scope=scope, account=real.account)
