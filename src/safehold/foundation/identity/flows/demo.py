"""What `--demo` needs: made-up people whose second factor is as real as anybody's."""

from __future__ import annotations

from safehold.foundation.identity import selectors, totp
from safehold.foundation.identity.flows.second_factor import enrol
from safehold.foundation.identity.models import Account
from safehold.foundation.identity.selectors import signing_in
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Denied

__all__ = ["enrol_demo_totp"]


def enrol_demo_totp(*, scope: Scope, account: Account) -> None:
    """Enrol an authenticator app for a demo person, once. `safehold demo code` shows what it would show."""
    if not account.demo:
        raise Denied("Only the made-up people of a demo are enrolled for.")
    with signing_in(scope) as inner:
        if not selectors.account(account.id).has_second_factor:
            enrol(scope=inner, account=account, seed=totp.new_seed())
