"""AUD-8: the programs' logs lie sealed in the archive, nothing of them is too old, nothing in clear for long."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.keys import canaries
from safehold.foundation.keys.rawscan import Needle, Needles, needles_of_texts, scan_files
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import SafeholdError
from safehold.kernel.installation import Installation
from safehold.kernel.promise import Finding, ProbeContext, broken, kept
from safehold.operations import events
from safehold.operations.logs import archive, flows, live
from safehold.operations.logs.conf import CLEAR_GRACE, LIMIT_DAYS
from safehold.operations.logs.segments import Segment, made, opened, segments, strangers
from safehold.operations.processes.records import is_held

__all__ = ["LABEL", "PROVOKERS", "check_ages", "check_archive"]

log = logging.getLogger(__name__)

LABEL = "logs/line"
_OPENED = 40
"""Segments that are opened each time: the newest and the oldest. The names and digests of all are looked at."""
_IN_CLEAR = (b'"logger":"', b'"message":"', b"LOG:  ", b"ERROR:  ", b"Traceback (most recent")


def check_archive(probe: ProbeContext) -> Finding:
    """Plant a line in the log; look for it, and for whatever reads like a log, in the archive's bytes; open some."""
    place: Installation = settings.SAFEHOLD
    planted = canaries.phrase(LABEL)
    log.info("a line that is planted for the check of the archive: %s", planted)
    there = segments(place.archive)
    faults = [f"{name} is no sealed segment" for name in strangers(place.archive) if not _is_draft(name)]
    needles = Needles(needles_of_texts({LABEL: planted}) + [Needle("a log", "words", words) for words in _IN_CLEAR])
    scanned = scan_files([place.archive], needles)
    faults += [f"{hit.label} stands in clear in {hit.place}" for hit in scanned.hits]
    faults += [f"{name} can't be read" for name in scanned.unreadable]
    faults += _unopened(place, there) + _blind(place, planted)
    modes = [path.name for path in (place.archive, *place.logs.glob("*.log")) if path.stat().st_mode & 0o077]
    faults += [f"others may read {name}" for name in modes]
    faults += [f"logs/{name} is somebody else's, and isn't gathered" for name in live.out_of_reach(place.logs)]
    evidence = {"segments": len(there), "lines": sum(each.lines for each in there), "bytes": scanned.size}
    if faults:
        return broken(f"The archive of logs isn't as promised: {faults[0]}.", faults=faults[:20], **evidence)
    return kept(
        f"{len(there):,} segments with {evidence['lines']:,} lines lie sealed; those tried open, and nothing "
        "stands there in clear.",
        **evidence,
    )


def check_ages(probe: ProbeContext) -> Finding:
    """The oldest line of the archive and of each live file; and, while it runs, how long lines have lain in clear."""
    place: Installation = settings.SAFEHOLD
    limit = timedelta(days=LIMIT_DAYS)
    oldest = {each.name: each.first for each in segments(place.archive)}
    waiting = {f"logs/{each.name}": each.at for each in archive.oldest_live(place)}
    old = [name for name, at in {**oldest, **waiting}.items() if probe.now - at > limit]
    patience = timedelta(seconds=place.log_seconds + CLEAR_GRACE)
    late = [name for name, at in waiting.items() if probe.now - at > patience] if _gathers(place) else []
    evidence = {
        "oldest_days": _days(probe.now, oldest.values()),
        "oldest_live_minutes": _days(probe.now, waiting.values(), 60),
        "limit_days": LIMIT_DAYS,
        "sealed_within_seconds": place.log_seconds,
    }
    if old:
        return broken(f"{len(old)} logs have lines older than {LIMIT_DAYS} days.", old=old[:20], **evidence)
    if late:
        return broken("Lines have lain in clear for too long: nothing seals them.", late=late, **evidence)
    return kept(
        f"The oldest line is {evidence['oldest_days']} days old, of {LIMIT_DAYS} at most; lines are sealed within "
        f"{place.log_seconds} seconds.",
        **evidence,
    )


def _gathers(place: Installation) -> bool:
    """Whether the installation runs, so that something should be gathering."""
    return is_held(place.home)


def _unopened(place: Installation, there: list[Segment]) -> list[str]:
    chosen = there if len(there) <= _OPENED else [*there[: _OPENED // 4], *there[-_OPENED * 3 // 4 :]]
    faults = []
    for each in chosen:
        try:
            archive.lines_of(place, each)
        except (SafeholdError, ValueError, KeyError):
            faults.append(f"{each.name} doesn't open")
    return faults


def _blind(place: Installation, planted: str) -> list[str]:
    """A control, made here and stored nowhere: what is sealed opens again, and its bytes show nothing."""
    line: dict[str, object] = {"at": clock.now().isoformat(), "level": "info", "process": "probe", "message": planted}
    segment, whole = made(place.environment, [line])
    if planted.encode() in whole:
        return ["a segment shows what was sealed in it"]
    return [] if opened(place.environment, segment, whole)[0]["message"] == planted else ["a segment lost its line"]


def _is_draft(name: str) -> bool:
    """What a crash left of a segment on its way, sealed already; pruning removes it."""
    return Path(name).name.startswith(".")


def _days(now: datetime, moments: Iterable[datetime], unit: int = 86_400) -> int:
    return int((now - min(moments, default=now)).total_seconds() // unit)


def _read(scope: Scope) -> None:
    moment = clock.now()
    with scoped(Scope(Kind.PLATFORM, actor=scope.actor)) as platform:
        flows.read_logs(scope=platform, wanted=flows.Wanted(moment, moment))


PROVOKERS: tuple[Provoker, ...] = (Provoker("reading the programs' logs", _read, (events.LOGS_READ,)),)
