"""Second factors: enrolling an authenticator app, recovery codes, and taking each code once."""

from __future__ import annotations

import time
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from safehold.foundation.audit.flows import Plain
from safehold.foundation.identity import factors, selectors, totp
from safehold.foundation.identity.errors import SecondFactorNeeded
from safehold.foundation.identity.events import (
    RECOVERY_CODE_USED,
    RECOVERY_CODES_MADE,
    SECOND_FACTOR_ADDED,
    SECOND_FACTOR_REMOVED,
)
from safehold.foundation.identity.flows.sessions import end_sessions
from safehold.foundation.identity.flows.telling import tell
from safehold.foundation.identity.models import Account
from safehold.foundation.identity.selectors import signing_in
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Conflict

__all__ = ["codes_left", "enrol", "make_recovery_codes", "present_code", "remove_second_factor", "take_code"]

_TOTP, _RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


def _factors(account_id: UUID) -> dict[str, Authenticator]:
    """The account's factors by kind, locked: who takes a code waits for whoever takes one at the same moment."""
    found = Authenticator.objects.select_for_update().filter(user_id=account_id).order_by("pk")
    return {str(factor.type): factor for factor in found}


def enrol(*, scope: Scope, account: Account, seed: str, step: int = -1, except_: str | None = None) -> list[str]:
    """Enrol an authenticator app whose code was just checked, and make recovery codes: they are shown now or never.

    `step` is the half minute of that code, which won't count a second time. All sessions but `except_` end.
    """
    with signing_in(scope) as inner:
        if _TOTP in _factors(account.id):
            raise Conflict("A second factor is set up already.")
        data = {"secret": factors.seal_secret(account.id, seed), "last_step": step}
        Authenticator.objects.create(user_id=account.id, type=_TOTP, data=data)
        fields = {"account": str(account.id), "kind": "totp"}
        tell(scope=inner, event=SECOND_FACTOR_ADDED, account=account, fields=fields)
        codes = make_recovery_codes(scope=inner, account=account)
        end_sessions(scope=inner, account_id=account.id, reason="a second factor was added", except_=except_)
    account.has_second_factor = True
    return codes


def make_recovery_codes(*, scope: Scope, account: Account) -> list[str]:
    """Make new recovery codes in the place of the old ones. They can't be read again."""
    with signing_in(scope) as inner:
        Authenticator.objects.filter(user_id=account.id, type=_RECOVERY).delete()
        data = {"seed": factors.seal_secret(account.id, RecoveryCodes.generate_seed()), "used_mask": 0}
        made = Authenticator.objects.create(user_id=account.id, type=_RECOVERY, data=data)
        tell(scope=inner, event=RECOVERY_CODES_MADE, account=account, fields={"account": str(account.id)})
    codes: list[str] = RecoveryCodes(made).get_unused_codes()
    return codes


def take_code(*, scope: Scope, account: Account, typed: str) -> Authenticator | None:
    """The factor that `typed` is a code of, and the code is used up; None if it is of none. Sign-in kind.

    A time-based code counts once, also for two requests at the same moment and after a restart: the newest step taken
    is kept beside the seed, under a lock.
    """
    held = _factors(account.id)
    app, recovery = held.get(_TOTP), held.get(_RECOVERY)
    if app is not None:
        seed = factors.open_secret(app.data["secret"])
        step = totp.step_taken(seed, typed, time.time(), app.data.get("last_step", -1))
        if step is not None:
            app.data["last_step"] = step
            app.save(update_fields=["data"])
            return app
    if recovery is not None and RecoveryCodes(recovery).validate_code(typed):
        recovery.refresh_from_db()
        fields: Plain = {"account": str(account.id), "left": codes_left(recovery)}
        tell(scope=scope, event=RECOVERY_CODE_USED, account=account, fields=fields)
        return recovery
    return None


def codes_left(recovery: Authenticator) -> int:
    """How many recovery codes haven't been used."""
    return len(RecoveryCodes(recovery).get_unused_codes())


def remove_second_factor(*, scope: Scope, account: Account, except_: str | None = None) -> None:
    """Remove the authenticator app and its recovery codes. Refused while a role of the account needs them."""
    if selectors.needs_second_factor(scope=scope, account=account):
        raise SecondFactorNeeded("Your role needs a second factor, so it can't be removed.")
    with signing_in(scope) as inner:
        gone, _ = Authenticator.objects.filter(user_id=account.id).delete()
        if gone:
            fields = {"account": str(account.id), "kind": "totp"}
            tell(scope=inner, event=SECOND_FACTOR_REMOVED, account=account, fields=fields)
            end_sessions(scope=inner, account_id=account.id, reason="the second factor was removed", except_=except_)
    account.has_second_factor = False


def present_code(*, scope: Scope, account: Account) -> str:
    """The code that a demo person's app would show now. For accounts marked as demo, and no other."""
    if not account.demo:
        raise SecondFactorNeeded("Only the made-up people of a demo have their codes printed.")
    with signing_in(scope):
        app = Authenticator.objects.filter(user_id=account.id, type=_TOTP).first()
    if app is None:
        raise Conflict("This person has no second factor.")
    return totp.code_at(factors.open_secret(app.data["secret"]), totp.step_of(time.time()))
