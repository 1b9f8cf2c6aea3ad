"""Pages declare who may come: the mark refuses, and the system check finds a page without one."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import include, path
from django.views import View

from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.access.web import page, public
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel.errors import Denied, NotSignedIn

VISITOR = Scope(Kind.SIGN_IN, "visitor")
SIGNED_IN = Scope(Kind.ACCOUNT, "account:x", account_id=new_id())
VIEWER = Scope(Kind.TENANT, "member:x", tenant_id=new_id(), account_id=new_id(), role=Role.VIEWER)
OWNER = Scope(Kind.TENANT, "member:x", tenant_id=new_id(), account_id=new_id(), role=Role.OWNER)


def ask(permission: Permission, scope: Scope | None) -> str:
    request = RequestFactory().get("/")
    if scope is not None:
        request.scope = scope
    view = page(permission)(lambda _: HttpResponse("in"))
    try:
        return view(request).content.decode()
    except NotSignedIn:
        return "sign in"
    except Denied:
        return "denied"


@pytest.mark.parametrize(
    ("permission", "answers"),
    [
        (Permission.PUBLIC, ["in", "in", "in", "in", "in"]),
        (Permission.SIGNED_IN, ["sign in", "sign in", "in", "in", "in"]),
        (Permission.MEMBER, ["sign in", "sign in", "denied", "in", "in"]),
        (Permission.RECORDS_READ, ["sign in", "sign in", "denied", "in", "in"]),
        (Permission.MEMBERS_MANAGE, ["sign in", "sign in", "denied", "denied", "in"]),
    ],
)
def test_who_passes_which_door(permission, answers):
    assert [ask(permission, scope) for scope in (None, VISITOR, SIGNED_IN, VIEWER, OWNER)] == answers


def test_the_mark_keeps_the_view_and_its_arguments():
    @page(Permission.PUBLIC)
    def greet(request, name: str, *, loud: bool = False) -> HttpResponse:
        """Greets."""
        return HttpResponse(name.upper() if loud else name)

    assert greet(RequestFactory().get("/"), "ann", loud=True).content == b"ANN"
    assert (greet.__name__, greet.__doc__, greet.permission) == ("greet", "Greets.", Permission.PUBLIC)


def test_the_check_finds_every_kind_of_silent_page(installation):
    from safehold.foundation.access.checks import declared_permission, pages

    class Silent(View):
        pass

    class Spoken(View):
        permission = Permission.MEMBER

    def silent(request) -> HttpResponse:
        return HttpResponse()

    patterns = [
        path("a/", public(silent)),
        path("b/", silent),
        path("c/", include([path("d/", Silent.as_view()), path("e/<int:number>/", Spoken.as_view())])),
    ]
    found = {address: declared_permission(view) for address, view in pages(patterns)}
    assert found == {"a/": Permission.PUBLIC, "b/": None, "c/d/": None, "c/e/<int:number>/": Permission.MEMBER}


def test_every_page_of_the_product_declares(installation):
    from django.core import checks

    assert [error for error in checks.run_checks(tags=["urls"]) if error.id == "safehold.access.E001"] == []


def test_a_silent_page_fails_the_check(installation, monkeypatch):
    from types import SimpleNamespace

    from safehold.foundation.access import checks

    def silent(request) -> HttpResponse:
        return HttpResponse()

    monkeypatch.setattr(checks, "get_resolver", lambda: SimpleNamespace(url_patterns=[path("silent/", silent)]))
    (error,) = checks.every_page_declares(None)
    assert (error.id, error.msg) == ("safehold.access.E001", "The page /silent/ declares no permission.")


@pytest.mark.parametrize(("role", "named"), [("manager", True), ("hr", True), ("viewer", False), ("employee", False)])
def test_a_denial_says_why_who_may_and_who_can_change_it(installation, role, named):
    """By name only to those who may see members."""
    from factories import make_member, make_tenant
    from support.visitors import Visitor

    (installation.home / "static").mkdir(exist_ok=True)
    tenant = make_tenant()
    make_member(tenant, "owner", name="Olga Holm")
    make_member(tenant, "admin", name="Aksel Lund")
    answer = Visitor(tenant, role).get("members/invite/")
    said = answer.content.decode()
    assert answer.status_code == 403
    assert "tenancy:members:manage" in said
    assert "These roles may do it: owner, admin." in said
    assert ("Here that is Olga Holm (owner), Aksel Lund (admin)." in said) is named


def test_where_many_could_help_nobody_is_named(installation):
    from factories import make_member, make_tenant, scope_of
    from safehold.foundation.scope.transaction import scoped
    from safehold.foundation.tenancy import selectors

    tenant = make_tenant()
    for _ in range(6):
        make_member(tenant, "owner")
    with scoped(scope_of(tenant, "manager")) as scope:
        assert selectors.deciders(scope) == []
