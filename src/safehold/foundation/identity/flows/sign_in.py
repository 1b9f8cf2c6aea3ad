"""What happens around signing in: counting tries, and telling of success and failure.

A failed try takes the same road whether the address is known or not: one event apart for the platform's log. The
copies for the tenants of a known account are written by a thread of their own a moment later, so that their number
can't be read from how long an answer takes.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

from django.db import DatabaseError

from safehold.foundation.access.matrix import NEEDS_SECOND_FACTOR
from safehold.foundation.audit import flows as audit
from safehold.foundation.audit.flows import Plain
from safehold.foundation.identity import limits, selectors
from safehold.foundation.identity.errors import Slowed
from safehold.foundation.identity.events import SIGN_IN_FAILED, SIGN_IN_SLOWED, SIGNED_IN, SIGNED_OUT
from safehold.foundation.identity.flows import limits as counting
from safehold.foundation.identity.flows.telling import personal_of, tell, tell_tenants
from safehold.foundation.identity.models import Account
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import run_apart
from safehold.kernel.event import EventType

__all__ = [
    "count_address_change",
    "count_code",
    "count_reset",
    "count_sign_in",
    "count_sign_up",
    "forget_codes",
    "forget_sign_ins",
    "session_limits",
    "sign_in_failed",
    "signed_in",
    "signed_out",
    "slowed",
    "wait_for_copies",
]

log = logging.getLogger(__name__)

_copies = ThreadPoolExecutor(max_workers=1, thread_name_prefix="safehold-copies")
_pending: set[Future[None]] = set()


def _of_account(scope: Scope, email: str) -> list[counting.Try]:
    who = email.strip().lower()
    return [(limits.ACCOUNT_FROM_ADDRESS, f"{who} {scope.address}"), (limits.ACCOUNT_A_DAY, who)]


def count_sign_in(*, scope: Scope, email: str) -> None:
    """Count a try to sign in before the password is looked at; Slowed where there were too many."""
    counting.take(scope=scope, tries=[*_of_account(scope, email), (limits.ADDRESS, scope.address)])


def forget_sign_ins(*, scope: Scope, email: str) -> None:
    """The password was right: clear the counters of this account, and take this one try off that of the address."""
    counting.succeed(scope=scope, forget=_of_account(scope, email), give_back=[(limits.ADDRESS, scope.address)])


def count_code(*, scope: Scope, account_id: UUID) -> None:
    """Count a try of a code before it is compared; Slowed where there were too many."""
    counting.take(scope=scope, tries=[(limits.CODE, str(account_id)), (limits.CODE_A_DAY, str(account_id))])


def forget_codes(*, scope: Scope, account_id: UUID) -> None:
    """The code was right."""
    tries = [(limits.CODE, str(account_id)), (limits.CODE_A_DAY, str(account_id))]
    counting.succeed(scope=scope, forget=tries, give_back=[])


def count_address_change(*, scope: Scope, account_id: UUID) -> None:
    """Count a code that is sent to a new address; Slowed where there were too many."""
    counting.take(scope=scope, tries=[(limits.CHANGE, str(account_id))])


def count_sign_up(*, scope: Scope) -> None:
    """Count a sign-up; Slowed where there were too many from this address."""
    counting.take(scope=scope, tries=[(limits.SIGN_UP, scope.address)])


def count_reset(*, scope: Scope, email: str) -> None:
    """Count a request for a reset mail; Slowed where there were too many."""
    who = email.strip().lower()
    counting.take(scope=scope, tries=[(limits.RESET_OF_ADDRESS, who), (limits.RESET_FROM_ADDRESS, scope.address)])


def session_limits(*, scope: Scope, account: Account) -> str:
    """Which of SESSION_LIMITS bind the account: the strict ones for staff, owners and admins."""
    roles = selectors.roles_of(scope=scope, account_id=account.id)
    return "strict" if account.is_staff or roles & NEEDS_SECOND_FACTOR else "member"


def signed_in(*, scope: Scope, account: Account, factor: str, device: str) -> str:
    """Keep the sign-in on the account, write its event, and say which session limits bind it. Sign-in kind."""
    account.last_address, account.last_device = scope.address, device
    account.save(update_fields=["last_address", "last_device"])
    tell(
        scope=scope,
        event=SIGNED_IN,
        account=account,
        fields={"account": str(account.id), "factor": factor, "device": device},
    )
    return session_limits(scope=scope, account=account)


def signed_out(*, scope: Scope, account: Account) -> None:
    """Write that somebody signed out. Sign-in kind."""
    tell(scope=scope, event=SIGNED_OUT, account=account, fields={"account": str(account.id)})


def sign_in_failed(*, scope: Scope, email: str, step: str, device: str) -> None:
    """Write a failed sign-in, apart, so that nothing takes it back.

    What was typed is kept only where it is an account's address: people type passwords into the wrong field.
    """
    account = selectors.account_by_email(email)
    fields = {"account": str(account.id) if account else "unknown", "step": step, "device": device}
    _tell_apart(scope, SIGN_IN_FAILED, account, fields)


def slowed(*, scope: Scope, email: str, error: Slowed, device: str) -> None:
    """Write that tries are refused for a while; once a window, or a flood of tries would be a flood of events."""
    if not error.first:
        return
    account = selectors.account_by_email(email)
    fields = {"account": str(account.id) if account else "unknown", "what": error.what, "device": device}
    _tell_apart(scope, SIGN_IN_SLOWED, account, fields)


def _tell_apart(scope: Scope, event: EventType, account: Account | None, fields: Plain) -> None:
    personal = personal_of(event, account)
    on = f"account:{account.id}" if account else ""
    audit.record_apart(scope, event, on=on, fields=fields, personal=personal)
    future = _copies.submit(_copy, scope, event, account, fields, personal)
    _pending.add(future)
    future.add_done_callback(_pending.discard)


def _copy(scope: Scope, event: EventType, account: Account | None, fields: Plain, personal: dict[str, str]) -> None:
    time.sleep(random.uniform(0.05, 0.25))  # noqa: S311 - only to be out of the answer's way
    if account is None:
        return
    # Apart, with a connection of its own: this thread must neither hold one of the pool's nor wait for one.
    try:
        run_apart(scope, _tell_tenants, scope, event, account, fields, personal)
    except DatabaseError as error:
        log.warning("copies of %s could not be written: %s", event.name, type(error).__name__)


def _tell_tenants(scope: Scope, event: EventType, account: Account, fields: Plain, personal: dict[str, str]) -> None:
    tell_tenants(scope=scope, event=event, account=account, fields=fields, personal=personal)


def wait_for_copies() -> None:
    """Wait until every copy that was asked for so far is written: for tests, and for a clean stop."""
    for future in list(_pending):
        future.result()
