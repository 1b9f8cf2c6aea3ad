"""Invitations: a link, once, to one address."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from factories import make_tenant, system
from support.pages import faults

pytestmark = pytest.mark.usefixtures("installation")

NEW = "winter eats the lamp"


@pytest.fixture
def tenant():
    return make_tenant("Northwind")


@pytest.fixture
def invite(tenant, outbox):
    """Invites an address and returns the path of the link that was mailed."""
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows

    def send(email, role="hr"):
        with scoped(system(tenant)) as scope:
            flows.invite_member(scope=scope, email=email, role=role, name="Anna")
        assert outbox[-1].to == [email]
        return re.search(r"https://[^/]+(/account/invitation/\S+)", outbox[-1].body)[1]

    return send


def unique() -> str:
    from safehold.foundation.scope.clock import new_id

    return f"new{new_id().hex[-12:]}@example.com"


def test_a_newcomer_sets_a_name_and_a_password_and_is_in(tenant, invite, browser, signing_in):
    from safehold.foundation.identity import selectors

    email, here = unique(), browser()
    path = invite(email)
    answer = here.get(path)
    assert answer["Location"] == "/account/invitation/"
    page = here.get("/account/invitation/").content.decode()
    assert faults(page) == []
    assert "Northwind" in page
    weak = here.post("/account/invitation/", {"name": "Anna", "password": "passwordpassword"})
    assert weak.status_code == 422
    assert faults(weak.content.decode()) == []
    done = here.post("/account/invitation/", {"name": "Anna", "password": NEW})
    assert done["Location"] == f"/t/{tenant.slug}/"
    assert here.get(f"/t/{tenant.slug}/").status_code == 200
    with signing_in():
        account = selectors.account_by_email(email)
    assert (account.name, account.is_staff) == ("Anna", False)
    other = browser()
    assert other.post("/account/sign-in/", {"login": email, "password": NEW}).status_code == 302
    late = browser()
    late.get(path)
    assert late.get("/account/invitation/").status_code == 404


def test_an_invited_owner_is_led_to_enrolment(tenant, invite, browser):
    here = browser()
    here.get(invite(unique(), "owner"))
    here.post("/account/invitation/", {"name": "Anna", "password": NEW})
    assert here.get(f"/t/{tenant.slug}/")["Location"] == "/account/second-factor/new/"
    assert here.get("/account/second-factor/new/").status_code == 200


def test_who_has_an_account_signs_in_and_joins(tenant, invite, make_person, browser, events):
    person = make_person()
    path = invite(person.email, "viewer")
    here = browser()
    here.get(path)
    to_sign_in = here.get("/account/invitation/")["Location"]
    assert to_sign_in == "/account/sign-in/?next=%2Faccount%2Finvitation%2F"
    answer = here.post(to_sign_in, {"login": person.email, "password": person.password})
    assert answer["Location"] == "/account/invitation/"
    page = here.get("/account/invitation/").content.decode()
    assert faults(page) == []
    assert here.post("/account/invitation/")["Location"] == f"/t/{tenant.slug}/"
    assert here.get(f"/t/{tenant.slug}/").status_code == 200


def test_a_stricter_role_shortens_the_session(invite, make_person, browser, signing_in):
    from safehold.foundation.identity.models import Session

    person = make_person(enrolled=True)
    path, here = invite(person.email, "owner"), browser().sign_in(person)

    def idle():
        with signing_in():
            return Session.objects.get(account_id=person.account.id).idle_seconds

    before = idle()
    here.get(path)
    here.post("/account/invitation/")
    assert idle() < before


def test_another_account_does_not_take_it(invite, make_person, browser):
    person, other = make_person(), make_person()
    here = browser().sign_in(other)
    here.get(invite(person.email))
    assert here.post("/account/invitation/")["Location"].startswith("/account/sign-in/")


def test_a_link_runs_out_and_is_replaced_and_withdrawn(tenant, invite, browser, monkeypatch):
    from safehold.foundation.identity import selectors
    from safehold.foundation.scope import clock
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows, selectors as tenancy

    def opens(path):
        here = browser()
        here.get(path)
        return here.get("/account/invitation/").status_code == 200

    email = unique()
    first = invite(email)
    assert opens(first)
    second = invite(email)
    assert not opens(first)
    assert opens(second)
    moment = clock.now() + timedelta(days=7, seconds=1)
    monkeypatch.setattr(selectors, "now", lambda: moment)
    assert not opens(second)
    monkeypatch.undo()
    with scoped(system(tenant)) as scope:
        member = tenancy.members(scope).get(email=email)
        flows.remove_member(scope=scope, member_id=member.id)
    assert not opens(second)
    assert not opens("/account/invitation/nonsense/")


def test_the_link_is_not_in_the_database(tenant, invite):
    from safehold.foundation.identity.models import Invitation
    from safehold.foundation.scope.transaction import scoped

    secret = invite(unique()).split("/")[-2]
    with scoped(system(tenant)):
        [row] = Invitation.objects.filter(tenant_id=tenant.id)
    assert secret not in repr(row.__dict__)
    assert len(secret) >= 43


def test_a_rolled_back_invitation_sends_nothing(tenant, outbox):
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows

    before = len(outbox)
    with pytest.raises(RuntimeError), scoped(system(tenant)) as scope:
        flows.invite_member(scope=scope, email=unique(), role="hr")
        raise RuntimeError
    assert len(outbox) == before


def test_addresses_that_lead_nowhere_get_no_mail(tenant, outbox):
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows

    before = len(outbox)
    with scoped(system(tenant)) as scope:
        flows.invite_member(scope=scope, email="ada@nordhavn.example", role="hr")
    assert len(outbox) == before
