"""Reading the archive of logs, which leaves an event, and letting go of what is old."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from safehold.foundation.audit.flows import record
from safehold.foundation.keys.flows import destroy_log_keys
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel.errors import Denied
from safehold.kernel.logline import LEVELS
from safehold.operations import events
from safehold.operations.logs import archive
from safehold.operations.logs.segments import Line

__all__ = ["Wanted", "prune_logs", "read_logs", "read_unrecorded"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines somebody asks for: of a time, of a process, from a level up, with a word in them."""

    since: datetime
    until: datetime
    process: str = ""
    level: str = ""
    word: str = ""
    reference: str = ""

    def has(self, line: Line) -> bool:
        """Whether a line is among them."""
        said = f"{line.get('message', '')}\n{line.get('error', '')}"
        return (
            self.process in ("", line["process"])
            and self.reference in ("", line.get("reference"))
            and (not self.level or LEVELS.index(str(line["level"])) >= LEVELS.index(self.level))
            and self.word.casefold() in said.casefold()
        )


def read_logs(*, scope: Scope, wanted: Wanted) -> Iterator[Line]:
    """The lines that are wanted, oldest first. The event about it is written before the first of them is given out.

    What was looked for isn't part of the event: it may be a person's name.
    """
    _require_platform(scope)
    fields = {
        "since": _stamp(wanted.since),
        "until": _stamp(wanted.until),
        "processes": wanted.process or "all",
        "narrowed": bool(wanted.word or wanted.reference or wanted.level),
    }
    record(scope, events.LOGS_READ, fields=fields)
    found = archive.read(settings.SAFEHOLD, wanted.since, wanted.until)
    return filter(wanted.has, found)


def read_unrecorded(*, wanted: Wanted) -> Iterator[Line]:
    """The same while the database is away: nothing else helps whoever mends it. A line in the log itself says so."""
    log.warning("the logs were read while no event could be written (%s to %s)", wanted.since, wanted.until)
    return filter(wanted.has, archive.read(settings.SAFEHOLD, wanted.since, wanted.until))


def prune_logs(*, scope: Scope, now: datetime | None = None) -> int:
    """Remove segments that are too old, and the keys of months of which nothing is left. How many segments went."""
    _require_platform(scope)
    moment, place = now or clock.now(), settings.SAFEHOLD
    gone = archive.prune(place, moment)
    until = moment - timedelta(days=place.log_days)
    # A segment's month is that of its newest line: a day's grace for lines that lie across the month's end.
    destroy_log_keys(scope=scope, before=f"{until - timedelta(days=1):%Y-%m}")
    if gone:
        record(scope, events.LOGS_PRUNED, fields={"segments": len(gone), "until": _stamp(until)})
    return len(gone)


def _require_platform(scope: Scope) -> None:
    if scope.kind is not Kind.PLATFORM:
        raise Denied("The programs' logs are for whoever runs this installation.")


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
