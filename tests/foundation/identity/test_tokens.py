"""Personal API tokens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from factories import make_tenant, system
from support.pages import faults

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def tenant():
    return make_tenant()


@pytest.fixture
def issue(installation):
    """Issues a token to a person in a tenant; returns its row and text."""
    from safehold.foundation.identity import flows
    from safehold.foundation.scope.scope import Kind, Scope
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    def make(person, tenant, **more):
        inside = selectors.tenant_scope(account_id=person.account.id, slug=tenant.slug, address="192.0.2.1")
        with scoped(inside):
            return flows.issue_token(scope=inside, name="a script", **more)

    assert Kind, Scope
    return make


@pytest.fixture
def open_with(signing_in):
    """The scope that a token opens."""
    from safehold.foundation.identity import selectors

    def use(text):
        with signing_in():
            return selectors.scope_for_token(text, "192.0.2.50")

    return use


def test_a_token_opens_its_tenant_with_its_holders_role(tenant, make_person, issue, open_with):
    person = make_person((tenant, "manager"))
    token, text = issue(person, tenant)
    scope = open_with(text)
    assert (scope.tenant_id, scope.role, scope.address) == (tenant.id, "manager", "192.0.2.50")
    assert scope.actor == f"member:{token.member_id}"
    assert text.startswith("sfh_")


def test_only_the_hash_is_kept(tenant, make_person, issue):
    from safehold.foundation.identity.models import ApiToken
    from safehold.foundation.scope.transaction import scoped

    token, text = issue(make_person((tenant, "hr")), tenant)
    with scoped(system(tenant)):
        row = ApiToken.objects.get(id=token.id)
    assert text[8:] not in repr(row.__dict__)
    assert len(bytes(row.digest)) == 32


@pytest.mark.parametrize("text", ["", "sfh_", "nonsense", "sfh_" + "a" * 49])
def test_what_was_never_issued_is_refused(text, open_with):
    from safehold.foundation.identity.errors import TokenRefused

    with pytest.raises(TokenRefused):
        open_with(text)


def test_a_token_that_has_ended_or_was_revoked_is_refused(tenant, make_person, issue, open_with, monkeypatch):
    from safehold.foundation.identity import credentials, flows, selectors
    from safehold.foundation.identity.errors import TokenRefused
    from safehold.foundation.scope import clock
    from safehold.foundation.scope.transaction import scoped

    person = make_person((tenant, "hr"))
    token, text = issue(person, tenant, days=1)
    moment = clock.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(selectors, "now", lambda: moment)
    with pytest.raises(TokenRefused):
        open_with(text)
    monkeypatch.undo()
    open_with(text)
    with pytest.raises(TokenRefused):
        open_with(credentials.new_token())
    with scoped(system(tenant)) as scope:
        flows.revoke_token(scope=scope, token_id=token.id)
    with pytest.raises(TokenRefused):
        open_with(text)


def test_leaving_or_changing_role_ends_tokens_in_the_same_transaction(tenant, make_person, issue, open_with):
    from safehold.foundation.identity.errors import TokenRefused
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import flows

    person = make_person((tenant, "hr"))
    token, text = issue(person, tenant)
    with pytest.raises(RuntimeError), scoped(system(tenant)) as scope:
        flows.change_member(scope=scope, member_id=token.member_id, role="manager")
        raise RuntimeError
    open_with(text)
    with scoped(system(tenant)) as scope:
        flows.change_member(scope=scope, member_id=token.member_id, role="manager")
    with pytest.raises(TokenRefused):
        open_with(text)
    _, text = issue(person, tenant)
    with scoped(system(tenant)) as scope:
        flows.remove_member(scope=scope, member_id=token.member_id)
    with pytest.raises(TokenRefused):
        open_with(text)


def test_a_token_of_an_owner_without_a_second_factor_is_refused(tenant, make_person, issue, open_with, signing_in):
    from safehold.foundation.identity import flows, totp
    from safehold.foundation.identity.errors import SecondFactorNeeded

    person = make_person((tenant, "owner"))
    _, text = issue(person, tenant)
    with pytest.raises(SecondFactorNeeded):
        open_with(text)
    with signing_in() as scope:
        flows.enrol(scope=scope, account=person.account, seed=totp.new_seed())
    assert open_with(text).role == "owner"


def test_a_closed_accounts_token_is_refused(tenant, make_person, issue, open_with, signing_in):
    from safehold.foundation.identity.errors import TokenRefused
    from safehold.foundation.identity.models import Account

    person = make_person((tenant, "hr"))
    _, text = issue(person, tenant)
    with signing_in():
        Account.objects.filter(id=person.account.id).update(is_active=False)
    with pytest.raises(TokenRefused):
        open_with(text)


@pytest.mark.parametrize("role", ["viewer", "employee"])
def test_roles_without_the_right_get_no_token(role, tenant, make_person, issue, browser):
    from safehold.kernel.errors import Denied

    person = make_person((tenant, role))
    with pytest.raises(Denied):
        issue(person, tenant)
    assert browser().sign_in(person).get(f"/t/{tenant.slug}/tokens/").status_code == 403


@pytest.mark.parametrize(("name", "days"), [("", 30), ("x" * 101, 30), ("fine", 0), ("fine", 367)])
def test_a_token_has_a_name_and_an_end(name, days, tenant, make_person):
    from safehold.foundation.identity import flows
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors
    from safehold.kernel.errors import Invalid

    person = make_person((tenant, "hr"))
    inside = selectors.tenant_scope(account_id=person.account.id, slug=tenant.slug, address="")
    with scoped(inside), pytest.raises(Invalid):
        flows.issue_token(scope=inside, name=name, days=days)


def test_nobody_but_who_manages_members_sees_or_revokes_anothers_token(tenant, make_person, issue):
    from safehold.foundation.identity import flows, selectors
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors as tenancy
    from safehold.kernel.errors import NotFound

    hr, manager, owner = (make_person((tenant, role)) for role in ("hr", "manager", "owner"))
    token, _ = issue(hr, tenant)

    def inside(person, where=tenant):
        return tenancy.tenant_scope(account_id=person.account.id, slug=where.slug, address="")

    with scoped(inside(manager)) as scope:
        assert list(selectors.tokens(scope)) == []
        with pytest.raises(NotFound):
            flows.revoke_token(scope=scope, token_id=token.id)
    other = make_tenant()
    stranger = make_person((other, "owner"))
    with scoped(inside(stranger, other)) as scope:
        assert list(selectors.tokens(scope)) == []
        with pytest.raises(NotFound):
            flows.revoke_token(scope=scope, token_id=token.id)
    with scoped(inside(owner)) as scope:
        assert [found.id for found in selectors.tokens(scope)] == [token.id]
        flows.revoke_token(scope=scope, token_id=token.id)


def test_the_page_shows_a_new_token_once(tenant, make_person, browser, open_with):
    person = make_person((tenant, "hr"))
    here = browser().sign_in(person)
    path = f"/t/{tenant.slug}/tokens/"
    assert faults(here.get(path).content.decode()) == []
    made = here.post(path, {"name": "nightly export", "days": "30"}).content.decode()
    assert faults(made) == []
    [text] = set(re.findall(r"sfh_[0-9A-Za-z]{49}", made))
    assert open_with(text).role == "hr"
    later = here.get(path).content.decode()
    assert text not in later
    assert text[:8] in later
    assert "nightly export" in later
    token_id = re.search(r"tokens/([0-9a-f-]{36})/revoke/", later)[1]
    assert here.post(f"{path}{token_id}/revoke/").status_code == 302
    assert "Revoked" in here.get(path).content.decode()
    refused = here.post(path, {"name": "", "days": "30"})
    assert refused.status_code == 422
    assert faults(refused.content.decode()) == []


def test_use_is_noted_once_a_minute(tenant, make_person, issue, signing_in):
    from safehold.foundation.identity import flows
    from safehold.foundation.identity.models import ApiToken

    token, text = issue(make_person((tenant, "hr")), tenant)
    with signing_in() as scope:
        opened = flows.use_token(scope=scope, text=text, address="192.0.2.60")
        assert opened.role == "hr"
        first = ApiToken.objects.get(id=token.id)
        flows.use_token(scope=scope, text=text, address="192.0.2.61")
        second = ApiToken.objects.get(id=token.id)
    assert first.last_address == second.last_address == "192.0.2.60"
    assert first.last_used_at == second.last_used_at


def test_the_api_takes_the_token(tenant, make_person, issue, browser):
    _, text = issue(make_person((tenant, "hr")), tenant)
    here = browser()
    if here.get("/api/v1/openapi.json").status_code == 404:
        pytest.skip("the API isn't mounted here")
    assert here.get("/api/v1/members", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    other = text[:-1] + ("y" if text.endswith("x") else "x")
    assert here.get("/api/v1/members", headers={"Authorization": f"Bearer {other}"}).status_code == 401
    assert here.get("/api/v1/members").status_code == 401
