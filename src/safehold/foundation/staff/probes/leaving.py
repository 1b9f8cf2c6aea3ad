"""ACC-6: who leaves, or changes role, keeps nothing open. Read from the register, and tried on a canary and undone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safehold.foundation.access.matrix import Role
from safehold.foundation.identity import flows as identity_flows, selectors as identity
from safehold.foundation.identity.flows.sessions import Origin, store_session
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import flows, selectors
from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["changes_end_what_was_open", "nothing_outlives_a_departure"]


def nothing_outlives_a_departure(probe: ProbeContext) -> Finding:
    """Of everybody who left, on the staff or in a tenant: no session, token or grant is still open."""
    platform = tenancy.platform_scope("prove")
    with scoped(platform):
        staff = {each.account_id: each.left_at for each in selectors.everybody(platform) if each.left_at}
        open_grants = {key for key in staff if selectors.unended(key).exists()}
        held = identity.held_open(platform, set(staff))
        tokens = identity.token_holders(platform)
    late = [
        f"account {key}: {what}, {_hours(staff[key])} h after leaving" for key, what in _of_staff(held, open_grants)
    ]
    looked = {"left the staff": len(staff), "API tokens": len(tokens)}
    for tenant_id in {tenant for tenant, _ in tokens}:
        members = {member for tenant, member in tokens if tenant == tenant_id}
        late += [f"member {key}: an API token, {hours} h after leaving" for key, hours in _gone(tenant_id, members)]
    if late:
        return broken(f"{len(late)} people who left still hold something open.", late=late, looked_at=looked)
    return kept("Nobody who left holds a session, an API token or a grant.", hours_at_most=0, looked_at=looked)


def _of_staff(held: dict[UUID, str], grants: set[UUID]) -> Iterator[tuple[UUID, str]]:
    yield from held.items()
    yield from ((key, "support access") for key in grants)


def _hours(left_at: datetime | None) -> int:
    return int((now() - left_at).total_seconds() // 3600) if left_at else 0


def _gone(tenant_id: UUID, members: set[UUID]) -> Iterator[tuple[UUID, int]]:
    with scoped(tenancy.system_scope(tenant_id, "prove")) as inside:
        for row in tenancy.members(inside, status="left").filter(id__in=members):
            yield row.id, _hours(row.left_at)


def changes_end_what_was_open(probe: ProbeContext) -> Finding:
    """A made-up member and one of the staff sign in, hold tokens and grants, and lose their place: all has to end."""
    platform = tenancy.platform_scope("prove")
    left: dict[str, dict[str, int]] = {}
    with scoped(platform):
        for what in ("changed role", "left"):
            with transaction.atomic():
                left[f"a member {what}"] = _member(platform, probe.left, what)
                transaction.set_rollback(True)
        with transaction.atomic():
            left["one of the staff left"] = _staff(platform, probe.left)
            transaction.set_rollback(True)
        transaction.set_rollback(True)
    if late := sorted(f"{who}: {what}" for who, held in left.items() for what, count in held.items() if count):
        return broken("Something stays open when rights end.", still_open=late)
    return kept("Sessions, API tokens and grants ended in the transaction in which rights did.", tried=list(left))


def _member(platform: Scope, tenant_id: UUID, what: str) -> dict[str, int]:
    email = f"probe-{new_id().hex[-12:]}@canary.invalid"
    account = identity_flows.create_account(scope=platform, email=email, name="Probe Canary", password=None)
    inside = tenancy.system_scope(tenant_id, "prove")
    with scoped(inside):
        invited = tenancy_flows.invite_member(scope=inside, email=email, role=Role.MANAGER.value)
        tenancy_flows.join_member(
            scope=inside, member_id=invited.id, account_id=account.id, email=email, name="Probe Canary"
        )
        own = tenancy.scope_of_member(scope=inside, member_id=invited.id)
    _sign_in(platform, account.id)
    with scoped(own):
        identity_flows.issue_token(scope=own, name="probe")
    with scoped(inside):
        if what == "left":
            tenancy_flows.remove_member(scope=inside, member_id=invited.id)
        else:
            tenancy_flows.change_member(scope=inside, member_id=invited.id, role=Role.VIEWER.value)
    return _held(platform, account.id, invited.id)


def _staff(platform: Scope, tenant_id: UUID) -> dict[str, int]:
    unique = new_id().hex
    email = f"probe-{unique[-12:]}@canary.invalid"
    row = flows.add_staff(
        scope=platform, email=email, name=f"Probe {unique}", duty="a check", password=secrets.token_urlsafe(32)
    )
    slug = tenancy.slugs_of(platform, [tenant_id])[tenant_id]
    _sign_in(platform, row.account_id)
    reason = "a check of the installation"
    flows.grant_access(scope=platform, email=email, slug=slug, case="probe", reason=reason, minutes=1)
    flows.remove_staff(scope=platform, email=email)
    return {"grants": selectors.unended(row.account_id).count(), **_held(platform, row.account_id, None)}


def _sign_in(platform: Scope, account_id: UUID) -> None:
    data = {"_auth_user_id": str(account_id)}
    store_session(scope=platform, key=secrets.token_urlsafe(), data=data, origin=Origin(), new=True)


def _held(platform: Scope, account_id: UUID, member_id: UUID | None) -> dict[str, int]:
    tokens = [member for _, member in identity.token_holders(platform) if member == member_id]
    return {"sessions": len(identity.sessions_of(scope=platform, account_id=account_id)), "tokens": len(tokens)}
