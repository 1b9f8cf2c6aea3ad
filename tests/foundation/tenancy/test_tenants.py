"""Tenants: created with everything they need, and named by clean values only."""

from __future__ import annotations

import pytest

from factories import PLATFORM_SCOPE, make_tenant, scope_of, system
from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Conflict, Denied, Invalid, NotFound

pytestmark = pytest.mark.usefixtures("installation")


def create(**given):
    from safehold.foundation.tenancy import flows

    with scoped(PLATFORM_SCOPE):
        return flows.create_tenant(scope=PLATFORM_SCOPE, **{"name": "Name", "slug": "free-slug", **given})


def test_a_tenant_begins_with_its_first_department_its_keys_and_its_event():
    from safehold.foundation.audit.models import Event
    from safehold.foundation.tenancy import selectors

    tenant = make_tenant("Northwind Traders")
    with scoped(system(tenant)) as scope:
        assert selectors.tenant(scope).name == "Northwind Traders"
        assert [(row.number, row.name) for row in selectors.departments(scope)] == [(0, "General")]
        kinds = set(Event.objects.filter(tenant_id=tenant.id).values_list("type", flat=True))
    assert {"tenant.created", "keys.created"} <= kinds


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "ab",
        "x" * 41,
        "Upper",
        "1first",
        "-first",
        "last-",
        "two--hyphens",
        "under_score",
        "dot.dot",
        "sp ace",
        "slash/../up",
        "new\nline",
        "north\x00wind",
        "müller",
        "аpple",  # noqa: RUF001  (a Cyrillic a)
        "xn--mller-kva",
        "northwind\n",
        "admin",
        "canary-third",
        "'; drop table tenancy_tenant; --",
    ],
)
def test_hostile_slugs(slug: str):
    with pytest.raises(Invalid) as caught:
        create(slug=slug)
    assert [problem.place for problem in caught.value.problems] == ["slug"]
    assert all(char.isprintable() for char in str(caught.value.problems[0]))


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 101, "a\x00b", "a\x1b[31mred", "abc\u202etxt", "\u200b", "…", "\ud800"]
)
def test_hostile_names(name: str):
    with pytest.raises(Invalid) as caught:
        create(name=name, slug=f"n{new_id().hex[-12:]}")
    assert [problem.place for problem in caught.value.problems] == ["name"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Müller & Söhne", "株式会社", "O'Brien -- ltd", "R2"])
def test_names_that_people_have(name: str):
    assert make_tenant(name).name == name


def test_every_problem_is_told_at_once():
    with pytest.raises(Invalid) as caught:
        create(name="", slug="-", plan="free", language="English")
    assert [problem.place for problem in caught.value.problems] == ["name", "slug", "plan", "language"]


def test_a_slug_is_given_once():
    tenant = make_tenant()
    with pytest.raises(Conflict, match="already a workspace"):
        create(slug=tenant.slug)


def test_only_the_platform_creates_lists_and_changes_plans():
    from safehold.foundation.tenancy import flows, selectors

    owner = scope_of(make_tenant(), "owner")
    with scoped(owner), pytest.raises(Denied):
        flows.create_tenant(scope=owner, name="Mine", slug="mine")
    with scoped(owner), pytest.raises(Denied):
        selectors.list_tenants(owner)
    with scoped(owner), pytest.raises(Denied):
        flows.change_plan(scope=owner, slug="any", plan="enterprise")


def test_a_tenant_sees_itself_only_and_the_platform_sees_no_inside():
    from safehold.foundation.tenancy.models import Department, Member, Tenant

    left, right = make_tenant(), make_tenant()
    with scoped(system(left)):
        assert {row.id for row in Tenant.objects.all()} == {left.id}
        assert not Tenant.objects.filter(id=right.id).update(name="taken over")
    with scoped(PLATFORM_SCOPE):
        assert {left.id, right.id} <= {row.id for row in Tenant.objects.all()}
        assert not Department.objects.exists()
        assert not Member.objects.exists()


def test_settings_are_changed_by_who_may():
    from safehold.foundation.tenancy import flows, selectors

    tenant = make_tenant()
    owner, viewer = scope_of(tenant, "owner"), scope_of(tenant, "viewer")
    with scoped(owner):
        flows.change_tenant(scope=owner, name="New name", language="de")
    with scoped(viewer), pytest.raises(Denied):
        flows.change_tenant(scope=viewer, name="Newer")
    with scoped(viewer):
        assert (selectors.tenant(viewer).name, selectors.tenant(viewer).language) == ("New name", "de")


def test_the_plan_change_reaches_both_logs():
    from safehold.foundation.audit.models import Event
    from safehold.foundation.tenancy import flows

    tenant = make_tenant(plan="starter")
    with scoped(PLATFORM_SCOPE):
        flows.change_plan(scope=PLATFORM_SCOPE, slug=tenant.slug, plan="enterprise")
    for scope in (PLATFORM_SCOPE, system(tenant)):
        with scoped(scope):
            assert Event.objects.filter(type="tenant.plan-changed", target=f"tenant:{tenant.id}").exists()


def test_an_absent_tenant_has_no_scope():
    from safehold.foundation.tenancy import selectors

    with pytest.raises(NotFound):
        selectors.system_scope(new_id(), "test")


def test_the_canaries_are_made_once_and_are_out_of_sight():
    from safehold.foundation.tenancy import flows, selectors
    from safehold.foundation.tenancy.models import Member

    with scoped(PLATFORM_SCOPE):
        first = flows.ensure_canaries(scope=PLATFORM_SCOPE)
    with scoped(PLATFORM_SCOPE):
        assert flows.ensure_canaries(scope=PLATFORM_SCOPE) == first == selectors.canaries()
        assert not {row.id for row in selectors.list_tenants(PLATFORM_SCOPE)} & set(first)
    for canary in first:
        with scoped(selectors.system_scope(canary, "test")):
            roles = list(Member.objects.filter(name__startswith="Canary ").values_list("role", flat=True))
            assert set(roles) == set(Role)
            assert roles.count("manager") == 3
