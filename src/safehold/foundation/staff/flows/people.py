"""Who is on the staff: joining, another duty, leaving. Leaving ends everything in the transaction that notes it."""

from __future__ import annotations

from safehold.foundation.audit import flows as audit
from safehold.foundation.identity import flows as identity
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.staff import selectors
from safehold.foundation.staff.conf import SHARED_NAMES
from safehold.foundation.staff.events import STAFF_ADDED, STAFF_CHANGED, STAFF_LEFT
from safehold.foundation.staff.flows.grants import end_grants_of
from safehold.foundation.staff.models import StaffMember
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import Conflict, Invalid, Problem

__all__ = ["add_staff", "change_staff", "remove_staff"]


def add_staff(*, scope: Scope, email: str, name: str, duty: str, password: str) -> StaffMember:
    """Put somebody on the staff, under a new account of their own, or their old one if they come back. Platform scope.

    Nobody is on it twice, and no address that stands for several people is taken.
    """
    address, name, duty = email.strip().lower(), " ".join(name.split()), " ".join(duty.split())
    known = selectors.everybody(scope).filter(email=address).first()
    _check(scope, address, name, duty)
    if known is None:
        account = identity.create_account(scope=scope, email=address, name=name, password=password, is_staff=True)
        row = StaffMember(account_id=account.id, email=address)
    elif known.left_at is None:
        raise Conflict(f"{known.name} is on the staff already.")
    else:
        identity.reopen_account(scope=scope, account_id=known.account_id, password=password, is_staff=True)
        row = known
    row.name, row.duty, row.since, row.left_at = name, duty, now(), None
    row.save(force_insert=known is None, force_update=known is not None)
    fields = {"account": str(row.account_id), "duty": duty}
    audit.record(scope, STAFF_ADDED, on=f"staff:{row.account_id}", fields=fields, personal={"email": address})
    return row


def _check(scope: Scope, email: str, name: str, duty: str) -> None:
    problems = []
    if email.partition("@")[0] in SHARED_NAMES:
        problems.append(Problem("email", "one person's own address, not one that several read", email[:60]))
    if not 3 <= len(name) <= 100 or " " not in name:
        problems.append(Problem("name", "the person's first and last name", name[:60]))
    if not 2 <= len(duty) <= 200:
        problems.append(Problem("duty", "what they do on the staff, as in: support engineer", duty[:60]))
    if selectors.everybody(scope).filter(name=name, left_at=None).exclude(email=email).exists():
        problems.append(Problem("name", "a name that nobody else on the staff has", name[:60]))
    if problems:
        raise Invalid("Nobody can join the staff like this.", problems=tuple(problems))


def change_staff(*, scope: Scope, email: str, duty: str) -> StaffMember:
    """Give one of the staff another duty: sessions and grants of the old one end with it. Platform scope."""
    row = _present(scope, email)
    duty = " ".join(duty.split())
    _check(scope, row.email, row.name, duty)
    before, row.duty = row.duty, duty
    row.save(update_fields=["duty"])
    why = "a duty on the staff was changed"
    grants = end_grants_of(scope=scope, account_id=row.account_id, why=why)
    sessions = identity.end_sessions(scope=scope, account_id=row.account_id, reason=why)
    fields = {"account": str(row.account_id), "before": before, "duty": duty, "sessions": sessions, "grants": grants}
    audit.record(scope, STAFF_CHANGED, on=f"staff:{row.account_id}", fields=fields, personal={"email": row.email})
    return row


def remove_staff(*, scope: Scope, email: str) -> StaffMember:
    """Note that somebody left the staff: account, sessions, tokens, grants and requests all end now. Platform scope."""
    row = _present(scope, email)
    why = "its holder left the staff"
    grants = end_grants_of(scope=scope, account_id=row.account_id, why=why)
    sessions, tokens = identity.close_account(scope=scope, account_id=row.account_id, reason=why)
    row.left_at = now()
    row.save(update_fields=["left_at"])
    fields = {"account": str(row.account_id), "sessions": sessions, "tokens": tokens, "grants": grants}
    audit.record(scope, STAFF_LEFT, on=f"staff:{row.account_id}", fields=fields, personal={"email": row.email})
    return row


def _present(scope: Scope, email: str) -> StaffMember:
    tenancy.require_platform(scope)
    row = selectors.by_email(scope, email)
    if row.left_at is not None:
        raise Conflict(f"{row.name} has left the staff already.")
    return row
