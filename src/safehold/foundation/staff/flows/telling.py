"""Writing what staff do where both sides look: the tenant's log, the platform's, and the mail of who decides there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from safehold.foundation.audit import flows as audit
from safehold.foundation.audit.flows import Plain
from safehold.foundation.identity import flows as identity
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import run_apart, scoped
from safehold.foundation.staff import selectors
from safehold.foundation.staff.events import SUPPORT_DENIED, SUPPORT_LOOKED
from safehold.foundation.staff.models import Grant
from safehold.foundation.staff.selectors import Access
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.event import EventType

__all__ = ["about", "announce", "note_denial", "note_look", "tell_both"]


def tell_both(
    *, inside: Scope, event: EventType, on: str, fields: Plain, personal: Mapping[str, str], staff: UUID
) -> None:
    """Write one event to the log of the tenant of `inside` and to the platform's, under the same actor.

    The personal values are about the one of the staff whose account is `staff`.
    """
    outside = Scope(Kind.PLATFORM, actor=inside.actor, address=inside.address)
    for scope in (inside, outside):
        with scoped(scope):
            audit.record(scope, event, on=on, fields=fields, personal=personal, about=f"staff:{staff}")


def about(row: Grant) -> dict[str, str]:
    """The plain fields that every event about a grant has."""
    return {"tenant": str(row.tenant_id), "grant": str(row.id), "case": row.case_number}


def announce(*, inside: Scope, row: Grant) -> None:
    """Mail the tenant's owners and admins what was asked for; where they are to approve, each their own code."""
    workspace = tenancy.tenant(inside)
    link = settings.SAFEHOLD.url + reverse("support", args=[workspace.slug])
    for member_id, email in selectors.deciders(inside).items():
        code = selectors.approval_code(row.id, member_id) if row.needs_approval else ""
        told = {"grant": row, "workspace": workspace.name, "link": link, "code": code}
        verb = "asks to look" if row.needs_approval else "is looking"
        subject = f"Support {verb} into {workspace.name} (case {row.case_number})"
        identity.send_mail(to=email, subject=subject, text=render_to_string("staff/announcement.txt", told))


def note_look(*, access: Access, route: str) -> None:
    """Note in both logs that a page is being opened, before anything of it is read, whatever becomes of the request."""
    fields = {**about(access.grant), "route": route, "approver": access.approver}
    who = _Who(access.grant.account_id, access.grant.staff_name)
    _apart(access.inside, SUPPORT_LOOKED, f"support:{access.grant.id}", fields, who)


def note_denial(*, inside: Scope, route: str, why: str, staff: UUID, staff_name: str) -> None:
    """Note in both logs that one of the staff was denied something, whatever becomes of the request."""
    fields = {"tenant": str(inside.tenant), "route": route, "why": why}
    _apart(inside, SUPPORT_DENIED, "", fields, _Who(staff, staff_name))


class _Who(NamedTuple):
    account: UUID
    name: str


def _apart(inside: Scope, event: EventType, on: str, fields: Plain, who: _Who) -> None:
    run_apart(
        inside,
        tell_both,
        inside=inside,
        event=event,
        on=on,
        fields=fields,
        personal={"staff": who.name},
        staff=who.account,
    )
