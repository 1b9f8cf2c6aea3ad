"""ACC-7: nobody is let in for where they are, and a product that would is found out."""

from __future__ import annotations

import pytest

from safehold.foundation.access.addresses import addresses, fill
from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.clock import new_id, now
from safehold.kernel.promise import ProbeContext, Result

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def check(installation):
    from safehold.operations.checks.network import check_no_network_is_trusted

    return lambda: check_no_network_is_trusted(ProbeContext(now(), new_id(), new_id()))


def test_nobody_is_let_in_for_where_they_are(check):
    finding = check()
    assert finding.result is Result.KEPT, finding
    guarded = [each for each in addresses() if each.permission is not Permission.PUBLIC]
    assert finding.evidence["addresses"] == len(guarded) > 60
    assert finding.evidence["listener"] == "not running"


def test_addresses_are_filled_in():
    assert fill("t/<slug:slug>/members/<uuid:member_id>/", {"slug": "ours"}).startswith("/t/ours/members/0189")
    assert fill("a/<int:number>/<slug:key>.csv") == "/a/0/sample.csv"
    assert all("<" not in fill(each.pattern) for each in addresses() if each.permission is not Permission.PUBLIC)


def test_pages_that_trust_a_private_network_are_found_out(check, monkeypatch):
    from safehold.foundation.access import web

    really = web.require

    def trusting(scope, permission) -> None:
        if not scope.address.startswith("10."):
            really(scope, permission)

    monkeypatch.setattr(web, "require", trusting)
    finding = check()
    assert finding.result is Result.BROKEN
    assert all("from 10.0.0.7" in each for each in finding.evidence["let_in"])


def test_an_api_that_trusts_the_machine_itself_is_found_out(check, monkeypatch):
    from factories import make_tenant, scope_of
    from safehold.api.assembly import Token
    from safehold.foundation.scope.transaction import rebind

    owner, really = scope_of(make_tenant(), "owner"), Token.__call__

    def trusting(self, request):
        if request.META["REMOTE_ADDR"] not in {"127.0.0.1", "::1"}:
            return really(self, request)
        rebind(owner)
        request.scope = owner
        return owner

    monkeypatch.setattr(Token, "__call__", trusting)
    finding = check()
    assert finding.result is Result.BROKEN
    assert "GET /api/v1/workspace, application, from 127.0.0.1: 200" in finding.evidence["let_in"]


def test_one_page_that_forgets_is_found_out(check, monkeypatch):
    """A view that asks the address itself, beside the mark."""
    from django.http import HttpResponse
    from django.urls import get_resolver

    from safehold.foundation.access.checks import pages

    view = next(view for pattern, view in pages(get_resolver().url_patterns) if pattern == "account/workspaces/")
    pattern = next(each for each in _flat(get_resolver().url_patterns) if each.callback is view)

    def forgetful(request) -> HttpResponse:
        return HttpResponse("internal only")

    forgetful.permission = view.permission
    monkeypatch.setattr(pattern, "callback", forgetful)
    finding = check()
    assert finding.result is Result.BROKEN
    assert all("/account/workspaces/" in each for each in finding.evidence["let_in"])


def _flat(patterns):
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from _flat(each.url_patterns)
        else:
            yield each
