"""How this room's permission is tried, on a canary tenant."""

from __future__ import annotations

from contextlib import suppress

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.trials import Trial
from safehold.foundation.scope.scope import Scope
from safehold.foundation.streams import flows
from safehold.kernel.errors import NotFound
from safehold.kernel.ids import PLATFORM

__all__ = ["TRIALS"]


def _end_a_stream(scope: Scope) -> None:
    with suppress(NotFound):
        flows.end_stream(scope=scope, stream_id=PLATFORM)


TRIALS = (Trial(Permission.STREAMS_MANAGE, "end a stream", _end_a_stream),)
