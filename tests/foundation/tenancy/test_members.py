"""Members and departments: who may change whom, and what is never lost."""

from __future__ import annotations

import threading

import pytest

from factories import make_member, make_tenant, scope_of, system
from safehold.foundation.access.matrix import Role
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy.models import Member
from safehold.kernel.errors import Conflict, Denied, Invalid, NotFound

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture
def tenant():
    return make_tenant(departments=["Sales", "People"])


def member_scope(tenant, member) -> Scope:
    from safehold.foundation.tenancy import selectors

    with scoped(system(tenant)) as scope:
        return selectors.scope_of_member(scope=scope, member_id=member.id)


def test_an_invitation_is_taken_once(tenant):
    from safehold.foundation.tenancy import flows

    account = new_id()
    with scoped(system(tenant)) as scope:
        invited = flows.invite_member(scope=scope, email=" Ann@Example.COM", role="hr", departments=[1])
        given = {"scope": scope, "account_id": account, "email": "ann@example.com", "name": "Ann"}
        joined = flows.join_member(member_id=invited.id, **given)
        assert (joined.email, joined.status, joined.departments) == ("ann@example.com", "active", [1])
        with pytest.raises(Conflict):
            flows.join_member(member_id=invited.id, **given)
        with pytest.raises(Conflict, match="member already"):
            flows.invite_member(scope=scope, email="ANN@example.com", role="viewer")
        again = flows.invite_member(scope=scope, email="other@example.com", role="viewer")
        with pytest.raises(Conflict, match="member of this workspace already"):
            flows.join_member(member_id=again.id, **given)


def test_inviting_again_changes_the_invitation_and_tells_again(tenant):
    from safehold.foundation.tenancy import flows, signals

    told: list[object] = []

    def hear(member, **_):
        told.append(member)

    signals.member_invited.connect(hear)
    with scoped(system(tenant)) as scope:
        first = flows.invite_member(scope=scope, email="bob@example.com", role="viewer")
        second = flows.invite_member(scope=scope, email="bob@example.com", role="manager", departments=[2])
    assert first.id == second.id
    assert told == [first.id, first.id]
    assert (second.role, second.departments) == ("manager", [2])


@pytest.mark.parametrize(
    "email", ["", "no-at", "a@b", "a b@example.com", "a@example.com\nbcc: x@y.z", "x" * 250 + "@a.bc"]
)
def test_hostile_addresses(tenant, email):
    from safehold.foundation.tenancy import flows

    with scoped(system(tenant)) as scope, pytest.raises(Invalid) as caught:
        flows.invite_member(scope=scope, email=email, role="king", departments=[7])
    assert [problem.place for problem in caught.value.problems] == ["email", "role", "departments"]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMIN)])
def test_the_others_manage_nobody(tenant, role):
    from safehold.foundation.tenancy import flows

    target = make_member(tenant, "viewer")
    scope = scope_of(tenant, role)
    with scoped(scope):
        for act in (
            lambda: flows.invite_member(scope=scope, email="a@example.com", role="viewer"),
            lambda: flows.change_member(scope=scope, member_id=target.id, role="employee"),
            lambda: flows.remove_member(scope=scope, member_id=target.id),
            lambda: flows.create_department(scope=scope, name="Mine"),
            lambda: flows.rename_department(scope=scope, number=1, name="Mine"),
            lambda: flows.delete_department(scope=scope, number=1),
        ):
            with pytest.raises(Denied):
                act()


def test_an_admin_reaches_no_owner(tenant):
    from safehold.foundation.tenancy import flows
    from safehold.foundation.tenancy.errors import AboveYou

    make_member(tenant, "owner")
    owner, viewer = make_member(tenant, "owner"), make_member(tenant, "viewer")
    scope = member_scope(tenant, make_member(tenant, "admin"))
    with scoped(scope):
        for act in (
            lambda: flows.invite_member(scope=scope, email="a@example.com", role="owner"),
            lambda: flows.change_member(scope=scope, member_id=viewer.id, role="owner"),
            lambda: flows.change_member(scope=scope, member_id=owner.id, role="viewer"),
            lambda: flows.change_member(scope=scope, member_id=scope.member_id, role="owner"),
            lambda: flows.remove_member(scope=scope, member_id=owner.id),
        ):
            with pytest.raises(AboveYou):
                act()
        flows.change_member(scope=scope, member_id=viewer.id, role="admin")


def test_an_admin_of_one_department_reaches_no_further(tenant):
    from safehold.foundation.tenancy import flows
    from safehold.foundation.tenancy.errors import AboveYou

    everywhere, sales = make_member(tenant, "viewer"), make_member(tenant, "viewer", departments=[1])
    scope = member_scope(tenant, make_member(tenant, "admin", departments=[1]))
    assert scope.departments == (1,)
    with scoped(scope):
        for act in (
            lambda: flows.invite_member(scope=scope, email="a@example.com", role="viewer"),
            lambda: flows.invite_member(scope=scope, email="a@example.com", role="viewer", departments=[1, 2]),
            lambda: flows.change_member(scope=scope, member_id=sales.id, departments=[]),
            lambda: flows.change_member(scope=scope, member_id=sales.id, departments=[2]),
            lambda: flows.change_member(scope=scope, member_id=everywhere.id, role="employee"),
            lambda: flows.change_member(scope=scope, member_id=scope.member_id, departments=[]),
            lambda: flows.remove_member(scope=scope, member_id=everywhere.id),
            lambda: flows.create_department(scope=scope, name="Fourth"),
        ):
            with pytest.raises(AboveYou):
                act()
        flows.change_member(scope=scope, member_id=sales.id, role="manager")
        with pytest.raises(NotFound):
            flows.rename_department(scope=scope, number=2, name="Mine")


def test_the_last_owner_stays(tenant):
    from safehold.foundation.tenancy import flows
    from safehold.foundation.tenancy.errors import LastOwner

    first = make_member(tenant, "owner")
    with scoped(system(tenant)) as scope:
        flows.invite_member(scope=scope, email="later@example.com", role="owner")  # an invitation is no owner yet
    scope = member_scope(tenant, first)
    with scoped(scope):
        with pytest.raises(LastOwner):
            flows.change_member(scope=scope, member_id=first.id, role="admin")
        with pytest.raises(LastOwner):
            flows.remove_member(scope=scope, member_id=first.id)
    second = make_member(tenant, "owner")
    with scoped(scope):
        flows.remove_member(scope=scope, member_id=first.id)
    scope = member_scope(tenant, second)
    with scoped(scope), pytest.raises(LastOwner):
        flows.remove_member(scope=scope, member_id=second.id)


def test_two_owners_who_demote_each_other_leave_one(tenant):
    from django.db import connections

    from safehold.foundation.tenancy import flows
    from safehold.foundation.tenancy.models import Member

    owners = [make_member(tenant, "owner"), make_member(tenant, "owner")]
    scopes = [member_scope(tenant, owner) for owner in owners]
    together = threading.Barrier(2)
    refused: list[Exception] = []

    def demote(scope, target):
        try:
            together.wait()
            with scoped(scope):
                flows.change_member(scope=scope, member_id=target.id, role="viewer")
        except Conflict as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=demote, args=pair) for pair in zip(scopes, reversed(owners), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with scoped(system(tenant)):
        assert Member.objects.filter(role="owner", status="active").count() == 1
    assert len(refused) == 1


def test_everybody_may_leave(tenant):
    from safehold.foundation.tenancy import flows, selectors

    leaver = make_member(tenant, "employee")
    scope = member_scope(tenant, leaver)
    with scoped(scope):
        flows.remove_member(scope=scope, member_id=leaver.id)
    with scoped(system(tenant)) as scope, pytest.raises(NotFound):
        selectors.scope_of_member(scope=scope, member_id=leaver.id)


def test_who_left_can_be_erased_and_who_is_here_cant(tenant):
    from safehold.foundation.audit import selectors as audit
    from safehold.foundation.tenancy import flows, selectors

    leaver = make_member(tenant, "employee", email="leaver@example.com")
    owner = member_scope(tenant, make_member(tenant, "owner"))
    with scoped(owner), pytest.raises(Conflict, match="has left"):
        flows.erase_member(scope=owner, member_id=leaver.id)
    with scoped(owner):
        flows.remove_member(scope=owner, member_id=leaver.id)
    on = audit.Filters(on=f"member:{leaver.id}", type="member.removed")
    with scoped(owner):
        assert audit.activity(scope=owner, filters=on).events[0].personal["email"] == "leaver@example.com"
        flows.erase_member(scope=owner, member_id=leaver.id)
    with scoped(owner):
        (found,) = audit.activity(scope=owner, filters=on).events
        assert found.personal["email"] is None
        assert found.sound
        assert selectors.member_names(owner, [leaver.id]) == {leaver.id: "Former member"}
    admin = member_scope(tenant, make_member(tenant, "admin"))
    with scoped(admin), pytest.raises(Denied):
        flows.erase_member(scope=admin, member_id=leaver.id)


def test_who_is_a_member_again_isnt_erased(tenant):
    from safehold.foundation.tenancy import flows

    first = make_member(tenant, "employee")
    owner = member_scope(tenant, make_member(tenant, "owner"))
    with scoped(owner):
        flows.remove_member(scope=owner, member_id=first.id)
        Member.objects.create(
            tenant_id=tenant.id, account_id=first.account_id, email="x@example.com", role="hr", status="active"
        )
        with pytest.raises(Conflict, match="has left"):
            flows.erase_member(scope=owner, member_id=first.id)


def test_another_tenants_member_does_not_exist(tenant):
    from safehold.foundation.tenancy import flows, selectors

    stranger = make_member(make_tenant(), "viewer")
    with scoped(system(tenant)) as scope:
        for act in (
            lambda: selectors.member(scope, stranger.id),
            lambda: flows.change_member(scope=scope, member_id=stranger.id, role="admin"),
            lambda: flows.remove_member(scope=scope, member_id=stranger.id),
            lambda: flows.erase_member(scope=scope, member_id=stranger.id),
        ):
            with pytest.raises(NotFound):
                act()


def test_departments_are_numbered_once_and_deleted_when_empty(tenant):
    from safehold.foundation.tenancy import flows
    from safehold.foundation.tenancy.errors import DepartmentInUse

    with scoped(system(tenant)) as scope:
        flows.invite_member(scope=scope, email="a@example.com", role="viewer", departments=[2])
        with pytest.raises(DepartmentInUse):
            flows.delete_department(scope=scope, number=2)
        with pytest.raises(Conflict, match="first department"):
            flows.delete_department(scope=scope, number=0)
        with pytest.raises(Conflict, match="already a department"):
            flows.create_department(scope=scope, name="SALES")
        flows.delete_department(scope=scope, number=1)
        assert flows.create_department(scope=scope, name="Sales").number == 3


def test_an_account_finds_its_own_memberships_only(tenant):
    from safehold.foundation.tenancy import selectors
    from safehold.foundation.tenancy.models import Department, Member, Tenant

    ann, other = new_id(), make_tenant("Other")
    make_member(tenant, "manager", account_id=ann, departments=[2])
    make_member(other, "viewer", account_id=ann)
    make_member(tenant, "owner")
    scope = selectors.tenant_scope(account_id=ann, slug=tenant.slug, address="192.0.2.9")
    assert (scope.tenant_id, scope.role, scope.departments, scope.address) == (tenant.id, "manager", (2,), "192.0.2.9")
    assert selectors.tenant_scope(account_id=ann, slug=other.slug, address="").departments == (0,)
    assert {row.slug for row in selectors.memberships_of(ann)} == {tenant.slug, other.slug}
    own = Scope(Kind.ACCOUNT, actor=f"account:{ann}", account_id=ann)
    with scoped(own):
        assert {each.tenant_id for each in selectors.scopes_of(scope=own)} == {tenant.id, other.id}
        assert Member.objects.count() == 2
        assert Tenant.objects.count() == 2
        assert Department.objects.filter(tenant_id=tenant.id).count() == 3
        assert Member.objects.update(role="owner") == 0
    with scoped(scope):  # inside a tenant the account's other memberships are out of sight
        assert set(Member.objects.values_list("tenant_id", flat=True)) == {tenant.id}


def test_strangers_leavers_and_absent_tenants_look_alike(tenant):
    from safehold.foundation.tenancy import flows, selectors

    leaver, stranger = new_id(), new_id()
    left = make_member(tenant, "viewer", account_id=leaver)
    with scoped(system(tenant)) as scope:
        flows.remove_member(scope=scope, member_id=left.id)
    messages = set()
    for account, slug in ((leaver, tenant.slug), (stranger, tenant.slug), (stranger, "no-such-place")):
        with pytest.raises(NotFound) as caught:
            selectors.tenant_scope(account_id=account, slug=slug, address="")
        messages.add(str(caught.value))
    assert len(messages) == 1
