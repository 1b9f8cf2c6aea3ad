"""How this room's permissions are tried, on a canary tenant."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.trials import Trial
from safehold.foundation.scope.scope import Scope
from safehold.foundation.staff import flows, selectors

__all__ = ["TRIALS"]


def _switch(scope: Scope) -> None:
    flows.require_approval(scope=scope, needed=True)
    flows.require_approval(scope=scope, needed=False)


TRIALS = (
    Trial(Permission.SUPPORT_READ, "list who looked in", selectors.grants),
    Trial(Permission.SUPPORT_MANAGE, "ask to approve first", _switch),
)
