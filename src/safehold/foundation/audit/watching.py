"""Watching the sealer from another process: an alarm is said once in the log when it begins, and once when it ends."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import DatabaseError, connection

from safehold.foundation.audit import selectors
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.ids import PLATFORM

__all__ = ["Watch"]

_logger = logging.getLogger(__name__)


class Watch:
    """Remembers what it has seen and said. What it sees once may be a sealer that is just starting."""

    def __init__(self) -> None:
        self._scope: Scope = scope_of_log(PLATFORM, "watch")
        self._seen = self._said = False

    def look(self) -> bool:
        """Look once; say it where the state has changed. Whether an alarm stands."""
        try:
            with scoped(self._scope):
                found = selectors.sealing()
        except DatabaseError:  # the database is away: that is said by everybody else
            return self._said
        finally:
            connection.close()
        if found.alarm and self._seen and not self._said:
            _logger.error("sealing is behind by %.0f seconds; %s", found.behind, _troubles(found.troubled))
            self._said = True
        elif self._said and not found.alarm:
            _logger.warning("sealing has caught up")
            self._said = False
        self._seen = found.alarm
        return self._said


def _troubles(troubled: Sequence[str]) -> str:
    return f"logs in trouble: {', '.join(troubled)}" if troubled else "no log is in trouble"
