"""Sessions: hashed, sealed, listed, and ended by what they rest on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import make_tenant, system
from support.pages import faults

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def tenant():
    return make_tenant()


def stored(person, signing_in):
    from safehold.foundation.identity.models import Session

    with signing_in():
        return list(Session.objects.filter(account_id=person.account.id).order_by("created_at"))


def test_the_cookie_is_nowhere_in_the_database(make_person, browser, signing_in):
    import hashlib

    person = make_person()
    here = browser("192.0.2.7").sign_in(person)
    [session] = stored(person, signing_in)
    assert session.key_hash == hashlib.sha256(here.cookie.encode()).hexdigest()
    row = repr(session.__dict__) + repr(bytes(session.data))
    assert here.cookie not in row
    assert str(person.account.id) not in repr(bytes(session.data))
    assert (session.address, session.device) == ("192.0.2.7", "Firefox on Linux")


def test_data_moved_to_another_session_does_not_open(make_person, browser, signing_in):
    from safehold.foundation.identity.models import Session

    owner, other = make_person(), make_person()
    browser().sign_in(owner)
    thief = browser().sign_in(other)
    [[good], [bad]] = stored(owner, signing_in), stored(other, signing_in)
    with signing_in():
        Session.objects.filter(key_hash=bad.key_hash).update(data=bytes(good.data), account_id=owner.account.id)
    assert not thief.signed_in


def test_the_list_names_each_session_and_ends_one_or_all_others(make_person, browser, signing_in, events):
    person = make_person()
    here, phone, tablet = (browser(f"192.0.2.{n}").sign_in(person) for n in (31, 32, 33))
    page = here.get("/account/sessions/").content.decode()
    assert faults(page) == []
    assert all(address in page for address in ("192.0.2.31", "192.0.2.32", "192.0.2.33"))
    assert page.count("This one") == 1
    [phones] = [session for session in stored(person, signing_in) if session.address == "192.0.2.32"]
    here.post(f"/account/sessions/{phones.key_hash}/end/")
    assert not phone.signed_in
    assert tablet.signed_in
    here.post("/account/sessions/end-others/")
    assert not tablet.signed_in
    assert here.signed_in
    assert events(person.account)[0][2]["reason"] == "its owner ended all others"


def test_nobody_ends_another_persons_session(make_person, browser, signing_in):
    victim, other = make_person(), make_person()
    there = browser().sign_in(victim)
    [session] = stored(victim, signing_in)
    browser().sign_in(other).post(f"/account/sessions/{session.key_hash}/end/")
    assert there.signed_in


def test_a_changed_password_ends_all_other_sessions(tenant, make_person, browser, events, outbox):
    person = make_person((tenant, "viewer"))
    here, other = browser().sign_in(person), browser().sign_in(person)
    before = here.cookie
    new = "winter eats the lamp"
    data = {"oldpassword": person.password, "password1": new, "password2": new}
    assert here.post("/account/password/", data).status_code == 302
    assert here.signed_in
    assert here.cookie != before
    assert not other.signed_in
    assert browser().password(person).status_code == 200
    assert browser().password(person, new).status_code == 302
    names = [name for name, _, _ in events(person.account, tenant)]
    assert {"account.password-changed", "account.sessions-ended"} <= set(names)
    assert outbox[-1].subject == "Your password was changed"
    assert new not in outbox[-1].body


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("wrong wrong wrong wrong", None, None), (None, "short", "short"), (None, None, "something else entirely")],
)
def test_a_password_is_not_changed_by_mistake(old, new, again, make_person, browser):
    person = make_person()
    here, other = browser().sign_in(person), browser().sign_in(person)
    new = new or "winter eats the lamp"
    data = {"oldpassword": old or person.password, "password1": new, "password2": again or new}
    answer = here.post("/account/password/", data)
    assert answer.status_code == 200
    assert faults(answer.content.decode()) == []
    assert other.signed_in


def test_a_changed_address_ends_all_other_sessions(tenant, make_person, browser, outbox, events):
    import re

    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    person = make_person((tenant, "viewer"))
    here, other = browser().sign_in(person), browser().sign_in(person)
    new = f"new-{person.email}"
    answer = here.post("/account/email/", {"email": new, "action_add": "1"})
    assert answer["Location"] == "/account/email/code/"
    assert faults(here.get("/account/email/code/").content.decode()) == []
    [code] = re.findall(r"^([A-Z0-9-]{5,})$", outbox[-1].body, re.MULTILINE)
    assert outbox[-1].to == [new]
    assert here.post("/account/email/code/", {"code": "wrong"}).status_code == 200
    assert here.post("/account/email/code/", {"code": code}).status_code == 302
    assert here.signed_in
    assert not other.signed_in
    assert outbox[-1].to == [person.email]
    assert browser().post("/account/sign-in/", {"login": new, "password": person.password}).status_code == 302
    assert browser().password(person).status_code == 200
    assert "account.email-changed" in [name for name, _, _ in events(person.account)]
    with scoped(system(tenant)) as scope:
        assert selectors.members(scope).get(account_id=person.account.id).email == new


def test_an_address_that_is_taken_is_not_told(make_person, browser, outbox):
    person, other = make_person(), make_person()
    answer = browser().sign_in(person).post("/account/email/", {"email": other.email, "action_add": "1"})
    assert answer["Location"] == "/account/email/code/"


def test_a_role_change_and_a_removal_end_the_sessions(tenant, make_person, browser, events):
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows, selectors

    person = make_person((tenant, "viewer"))
    here = browser().sign_in(person)
    with scoped(system(tenant)) as scope:
        member = selectors.members(scope).get(account_id=person.account.id)
        flows.change_member(scope=scope, member_id=member.id, role="employee")
    assert not here.signed_in
    here.sign_in(person)
    with scoped(system(tenant)) as scope:
        flows.remove_member(scope=scope, member_id=member.id)
    assert not here.signed_in
    here.sign_in(person)
    assert here.get(f"/t/{tenant.slug}/").status_code == 404
    assert "the membership ended" in [fields.get("reason") for _, _, fields in events(person.account)]


def test_who_changes_their_own_role_has_to_sign_in_again(tenant, make_person, browser):
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    make_person((tenant, "owner"))
    person = make_person((tenant, "owner"), enrolled=True)
    here = browser().sign_in(person)
    with scoped(system(tenant)) as scope:
        member = selectors.members(scope).get(account_id=person.account.id)
    answer = here.post(f"/t/{tenant.slug}/members/{member.id}/", {"role": "admin"})
    assert answer.status_code == 302
    assert not here.cookie
    assert not here.signed_in


def test_the_present_password_is_not_guessed_at_leisure(make_person, browser):
    person = make_person()
    here = browser().sign_in(person)
    data = {"oldpassword": "wrong wrong wrong wrong", "password1": "winter eats the lamp"}
    answers = [here.post("/account/password/", data | {"password2": data["password1"]}) for _ in range(11)]
    assert b"Too many" not in answers[9].content
    assert b"Too many" in answers[10].content


def test_codes_to_new_addresses_are_few(make_person, browser, outbox):
    here = browser().sign_in(make_person())
    sent = [here.post("/account/email/", {"email": f"x{n}@example.com", "action_add": "1"}) for n in range(6)]
    assert [answer.status_code for answer in sent] == [302] * 5 + [200]
    assert len(outbox) == 5


def test_a_change_that_is_rolled_back_ends_nothing(tenant, make_person, browser):
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows, selectors

    person = make_person((tenant, "viewer"))
    here = browser().sign_in(person)
    with pytest.raises(RuntimeError), scoped(system(tenant)) as scope:
        member = selectors.members(scope).get(account_id=person.account.id)
        flows.change_member(scope=scope, member_id=member.id, role="employee")
        raise RuntimeError
    assert here.signed_in


@pytest.mark.parametrize(("role", "idle_hours", "whole_hours"), [("owner", 1, 12), ("viewer", 12, 168)])
def test_sessions_run_out_by_role(role, idle_hours, whole_hours, make_person, request):
    signing_in, monkeypatch, browser = map(request.getfixturevalue, ("signing_in", "monkeypatch", "browser"))
    from safehold.foundation.identity import selectors
    from safehold.foundation.identity.flows import sessions
    from safehold.foundation.scope import clock

    person = make_person((make_tenant(), role), enrolled=role == "owner")
    here = browser().sign_in(person)

    started = clock.now()

    def later(span):
        moment = started + span
        for module in (selectors, sessions):
            monkeypatch.setattr(module, "now", lambda: moment)

    step = timedelta(hours=idle_hours) - timedelta(minutes=2)
    for steps in range(1, whole_hours // idle_hours + 1):
        later(span=steps * step)
        assert here.signed_in, f"idle for {step}, {steps * step} after signing in"
    later(span=timedelta(hours=whole_hours, minutes=1))
    assert not here.signed_in, "whatever was done meanwhile, a session ends"
    person.seed = ""  # what follows is about sessions, not about factors
    again = browser()
    with signing_in():
        from allauth.mfa.models import Authenticator

        Authenticator.objects.filter(user_id=person.account.id).delete()
    again.password(person)
    later(span=timedelta(hours=whole_hours, minutes=1) + timedelta(hours=idle_hours, minutes=2))
    assert not again.signed_in, "nothing was heard of it"


def test_what_is_over_is_tidied_away(make_person, browser, signing_in, monkeypatch):
    from safehold.foundation.identity import jobs
    from safehold.foundation.identity.flows import sessions
    from safehold.foundation.scope import clock

    person = make_person()
    browser().sign_in(person)
    assert len(stored(person, signing_in)) == 1
    moment = clock.now() + timedelta(days=8)
    monkeypatch.setattr(sessions, "now", lambda: moment)
    jobs.tidy_identity(0)
    assert stored(person, signing_in) == []


def test_the_profile_shows_the_last_sign_in_and_keeps_a_language(tenant, make_person, browser, settings_of):
    from safehold.foundation.audit import selectors as audit
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    person = make_person((tenant, "viewer"))
    here = browser("192.0.2.99").sign_in(person)
    page = here.get("/account/").content.decode()
    assert "192.0.2.99" in page
    assert "Firefox on Linux" in page
    with settings_of(LANGUAGES=[("en-gb", "English"), ("de", "Deutsch")]):
        assert here.post("/account/", {"name": "Anna L.", "language": "de"}).status_code == 302
        page = here.get("/account/").content.decode()
        assert 'value="Anna L."' in page
        assert '<option value="de" selected>' in page
        assert here.get("/account/")["Content-Language"] == "de"
        assert here.post("/account/", {"name": "Anna", "language": "xx"}).status_code == 422
        assert here.post("/account/", {"name": "Anna L.", "language": "de"}).status_code == 302  # nothing is changed
    with scoped(system(tenant)) as scope:
        assert selectors.members(scope).get(account_id=person.account.id).name == "Anna L."
        told = audit.activity(scope=scope, filters=audit.Filters(type="account.profile-changed")).events
        assert [event.fields["changed"] for event in told] == ["name and language"]


def test_no_other_kind_of_scope_reads_identitys_rows(tenant, make_person, browser):
    from django.db import connection

    from factories import PLATFORM_SCOPE
    from safehold.foundation.identity.tables import EXEMPT
    from safehold.foundation.scope.scope import Kind, Scope
    from safehold.foundation.scope.transaction import scoped

    one, other = make_person((tenant, "owner"), enrolled=True), make_person(enrolled=True)
    browser().sign_in(one)

    def counts(scope):
        with scoped(scope), connection.cursor() as cursor:
            found = {}
            for table in EXEMPT:
                cursor.execute(f"select count(*) from {table}")  # noqa: S608
                found[table] = cursor.fetchone()[0]
            return found

    assert set(counts(PLATFORM_SCOPE).values()) == {0}
    inside = counts(system(tenant))
    assert inside.pop("identity_invitation") == 1
    assert set(inside.values()) == {0}
    own = counts(Scope(Kind.ACCOUNT, actor="x", account_id=other.account.id))
    assert own["identity_account"] == 1
    assert own["mfa_authenticator"] == 2
    assert own["identity_session"] == 0
    assert own["identity_attempt"] == own["identity_invitation"] == 0
