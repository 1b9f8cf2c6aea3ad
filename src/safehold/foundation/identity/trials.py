"""How this room's permission is tried, on a canary tenant."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.trials import Trial
from safehold.foundation.identity import selectors

__all__ = ["TRIALS"]

TRIALS = (Trial(Permission.TOKENS_MANAGE, "list the tokens", lambda scope: list(selectors.tokens(scope)[:1])),)
