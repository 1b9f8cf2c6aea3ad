"""What provokes this room's security events: one of the staff who is made for it asks, looks and leaves, all undone."""

from __future__ import annotations

import secrets
from uuid import UUID

from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.identity import events as identity
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.staff import events, flows, selectors
from safehold.foundation.staff.flows.telling import note_denial, note_look
from safehold.foundation.staff.models import StaffMember
from safehold.foundation.tenancy import selectors as tenancy

__all__ = ["PROVOKERS"]

_REASON = "a check of the installation"


def _somebody(platform: Scope) -> StaffMember:
    unique = new_id().hex
    email, password = f"probe-{unique[-12:]}@canary.invalid", secrets.token_urlsafe(32)
    return flows.add_staff(scope=platform, email=email, name=f"Probe {unique}", duty="a check", password=password)


def _register(scope: Scope) -> None:
    with scoped(tenancy.platform_scope("probe")) as platform:
        row = _somebody(platform)
        flows.change_staff(scope=platform, email=row.email, duty="another check")
        flows.remove_staff(scope=platform, email=row.email)


def _looks(scope: Scope) -> None:
    """Somebody is let in, looks, is denied something, and is sent away again."""
    inside = tenancy.system_scope(scope.tenant, "probe")
    with scoped(tenancy.platform_scope("probe")) as platform:
        row = _somebody(platform)
        grant_id = _asked(platform, row.email, inside)
        with scoped(_owner(inside)) as owner:
            grant = flows.approve_access(scope=owner, grant_id=grant_id)
        note_look(access=selectors.Access(grant, inside, inside), route="GET /probe/")
        note_denial(inside=inside, route="POST /probe/", why="of a check", staff=row.account_id, staff_name=row.name)
        flows.end_access(scope=platform, grant_id=grant_id)


def _refused(scope: Scope) -> None:
    inside = tenancy.system_scope(scope.tenant, "probe")
    with scoped(tenancy.platform_scope("probe")) as platform:
        grant_id = _asked(platform, _somebody(platform).email, inside)
        with scoped(_owner(inside)) as owner:
            flows.refuse_access(scope=owner, grant_id=grant_id)


def _asked(platform: Scope, email: str, inside: Scope) -> UUID:
    with scoped(inside):
        flows.require_approval(scope=inside, needed=False)
        flows.require_approval(scope=inside, needed=True)
    slug = tenancy.slugs_of(platform, [inside.tenant])[inside.tenant]
    asked = flows.grant_access(scope=platform, email=email, slug=slug, case="probe", reason=_REASON, minutes=1)
    return asked.id


def _owner(inside: Scope) -> Scope:
    """Whoever decides in the canary: its owner."""
    with scoped(inside):
        member = next(iter(selectors.deciders(inside)))
        return tenancy.scope_of_member(scope=inside, member_id=member)


PROVOKERS: tuple[Provoker, ...] = (
    Provoker(
        "somebody joins the staff, changes duty and leaves",
        _register,
        (
            identity.ACCOUNT_CREATED,
            identity.ACCOUNT_CLOSED,
            events.STAFF_ADDED,
            events.STAFF_CHANGED,
            events.STAFF_LEFT,
        ),
    ),
    Provoker(
        "staff are let in, look around and are sent away",
        _looks,
        (
            identity.ACCOUNT_CREATED,
            events.STAFF_ADDED,
            events.SUPPORT_CONSENT,
            events.SUPPORT_ASKED,
            events.SUPPORT_OPENED,
            events.SUPPORT_LOOKED,
            events.SUPPORT_DENIED,
            events.SUPPORT_ENDED,
        ),
    ),
    Provoker(
        "staff are refused",
        _refused,
        (
            identity.ACCOUNT_CREATED,
            events.STAFF_ADDED,
            events.SUPPORT_CONSENT,
            events.SUPPORT_ASKED,
            events.SUPPORT_REFUSED,
        ),
    ),
)
