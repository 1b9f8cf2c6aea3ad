"""Invitations: a link by mail, good once and for a week, that gives an account its place in a tenant."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.identity import credentials, selectors
from safehold.foundation.identity.errors import InvitationGone
from safehold.foundation.identity.events import INVITATION_ACCEPTED, INVITATION_SENT
from safehold.foundation.identity.flows.mailing import send_mail
from safehold.foundation.identity.models import Account, Invitation
from safehold.foundation.identity.selectors import Invited, signing_in
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import flows as tenancy_flows, selectors as tenancy
from safehold.kernel.errors import Denied

__all__ = [
    "accept_invitation",
    "forget_guest_invitations",
    "forget_invitations",
    "send_guest_invitation",
    "send_invitation",
]

_LIFE = timedelta(days=7)


def send_invitation(*, scope: Scope, member_id: UUID) -> None:
    """Mail a fresh link to an invited member of the scope's tenant; links sent before stop working.

    The mail leaves when the transaction has committed, and never for an address that can't receive any.
    """
    scope.require(Permission.MEMBERS_MANAGE)
    member, tenant = tenancy.member(scope, member_id), tenancy.tenant(scope)
    forget_invitations(scope=scope, member_id=member_id)
    made, link = _new_link(scope, member_id=member_id)
    fields = {"member": str(member_id), "until": made.expires_at.date().isoformat()}
    audit.record(scope, INVITATION_SENT, on=f"member:{member_id}", fields=fields, personal={"email": member.email})
    about = {"member": member, "workspace": tenant.name, "link": link, "until": made.expires_at}
    text = render_to_string("identity/invitation_message.txt", about)
    send_mail(to=member.email, subject=f"Your invitation to {tenant.name}", text=text)


def send_guest_invitation(*, scope: Scope, guest_id: UUID) -> None:
    """Mail the link to somebody who is invited as a guest of the scope's tenant. That they were invited is recorded."""
    scope.require(Permission.GUESTS_MANAGE)
    guest, tenant = tenancy.guest(scope, guest_id), tenancy.tenant(scope)
    made, link = _new_link(scope, guest_id=guest_id)
    about = {"guest": guest, "workspace": tenant.name, "link": link, "until": made.expires_at}
    text = render_to_string("identity/guest_invitation_message.txt", about)
    send_mail(to=guest.email, subject=f"Read the activity log of {tenant.name}", text=text)


def _new_link(scope: Scope, **whose: UUID) -> tuple[Invitation, str]:
    """A fresh invitation and its link, which is nowhere else."""
    secret, moment = credentials.new_link(), now()
    made = Invitation(
        id=new_id(),
        tenant_id=scope.tenant,
        digest=credentials.digest(secret),
        created_at=moment,
        expires_at=moment + _LIFE,
        **whose,
    )
    made.save(force_insert=True)
    return made, settings.SAFEHOLD.url + reverse("account_invitation_link", args=[secret])


def forget_guest_invitations(*, scope: Scope, guest_id: UUID) -> None:
    """Make every link that was sent to a guest of the scope's tenant worthless."""
    Invitation.objects.filter(tenant_id=scope.tenant, guest_id=guest_id, used_at=None).delete()


def forget_invitations(*, scope: Scope, member_id: UUID) -> None:
    """Make every link that was sent to a member of the scope's tenant worthless."""
    Invitation.objects.filter(tenant_id=scope.tenant, member_id=member_id, used_at=None).delete()


def accept_invitation(*, scope: Scope, link: str, account: Account) -> Scope:
    """Let an account take the place that a link is for, once; returns the tenant's scope that it was done in.

    The account must have the address that the link was mailed to. Sign-in kind.
    """
    with signing_in(scope) as inner:
        invited = selectors.invitation(scope=inner, link=link)
        if account.email != invited.email.lower():
            raise Denied("This invitation is for another address.", hint="Sign in with the address it was sent to.")
        if not Invitation.objects.filter(id=invited.invitation_id, used_at=None).update(used_at=now()):
            raise InvitationGone
        inside = invited.scope
        with scoped(inside):
            _take_place(inside, invited, account)
    return inside


def _take_place(inside: Scope, invited: Invited, account: Account) -> None:
    name = account.name or invited.name
    if invited.guest_id is not None:
        tenancy_flows.join_guest(
            scope=inside, guest_id=invited.guest_id, account_id=account.id, email=account.email, name=name
        )
    elif invited.member_id is not None:
        tenancy_flows.join_member(
            scope=inside, member_id=invited.member_id, account_id=account.id, email=account.email, name=name
        )
        fields = {"member": str(invited.member_id), "account": str(account.id)}
        on = f"member:{invited.member_id}"
        audit.record(inside, INVITATION_ACCEPTED, on=on, fields=fields, personal={"email": account.email})
