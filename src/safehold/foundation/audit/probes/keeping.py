"""AUD-4: events are kept as long as their log's plan says and not longer, and each purge is told of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from safehold.foundation.access.plans import PLANS, Feature
from safehold.foundation.audit import conf
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.statements import Connection, connect, statement
from safehold.foundation.audit.verification import verify_log
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.ids import PLATFORM
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["logs_are_kept_as_long_as_promised"]


def logs_are_kept_as_long_as_promised(probe: ProbeContext) -> Finding:
    """Every log's oldest events against its plan, its places against its purge records; two logs and ours in full."""
    try:
        session = connect("sealer")
    except FileNotFoundError:
        return unproven("The login that reads every log isn't on this machine: run it where the sealer runs.")
    with session:
        faults = [
            *_plans(session),
            *_too_old(session, probe.now),
            *_missing(session),
            *_records(session),
            *_rests(session),
        ]
        logs = session.execute(statement("probes", "logs_kept")).fetchall()
    for log in (probe.left, probe.right, PLATFORM):
        scope = scope_of_log(log, "probe")
        with scoped(scope):
            found = verify_log(scope=scope, now=probe.now)
        faults += [f"{found.origin}: {found.fault}"] if found.fault else []
    evidence: dict[str, object] = {
        "logs_by_years": {str(years): count for years, count, _, _ in logs},
        "events_purged": sum(purged for _, _, purged, _ in logs),
        "holds_in_force": sum(held for _, _, _, held in logs),
    }
    if faults:
        return broken(f"A log isn't kept as its plan says. {faults[0]}", faults=faults[:50], **evidence)
    if not logs:
        return unproven("Nobody has said for how long any log is kept.", **evidence)
    total = sum(count for _, count, _, _ in logs)
    return kept(
        f"In none of {total} logs is an event older than its plan keeps, or one gone that it still keeps.", **evidence
    )


def _plans(session: Connection) -> Iterator[str]:
    """What the database goes by, against the table of plans."""
    table = {plan.value: features[Feature.ACTIVITY_YEARS] for plan, features in PLANS.items()}
    for log, plan, years in session.execute(statement("probes", "said")).fetchall():
        if table.get(plan) != years:
            yield f"{log} is kept {years} years, and its plan {plan} says {table.get(plan)}"
    for (log,) in session.execute(statement("probes", "unsaid")).fetchall():
        yield f"{log}: nobody has said for how long it is kept"


def _too_old(session: Connection, now: datetime) -> Iterator[str]:
    """Events that are older than their log's plan keeps, a month's grace included, and not held."""
    for (years,) in session.execute(statement("probes", "years")).fetchall():
        bound = _years_before(now, years) - conf.GRACE
        for log, oldest in session.execute(statement("probes", "too_old"), {"years": years, "bound": bound}).fetchall():
            yield f"{log} is kept {years} years and has an event of {oldest:%Y-%m-%d}"


def _missing(session: Connection) -> Iterator[str]:
    """Places from a log's minimum on without their events: the first ones, where a purge too many would show."""
    for log, index in session.execute(statement("probes", "missing")).fetchall():
        yield f"{log}: the event at place {index} is gone, and no purge was told of"


def _records(session: Connection) -> Iterator[str]:
    """Purges that aren't told of in the platform's log, or that removed what their log's plan or a hold keeps."""
    for log, minimum in session.execute(statement("probes", "untold")).fetchall():
        yield f"{log}: the platform's log doesn't know of its purge below {minimum}"
    for log, index, at in session.execute(statement("probes", "too_young")).fetchall():
        yield f"{log}: the event at place {index}, of {at:%Y-%m-%d}, was purged before its time"
    for log, index in session.execute(statement("probes", "held_and_gone")).fetchall():
        yield f"{log}: the event at place {index} is gone although it was on legal hold"


def _rests(session: Connection) -> Iterator[str]:
    for (part,) in session.execute(statement("probes", "rests")).fetchall():
        yield f"{part} isn't empty: the sealer doesn't make the months in time"
    for (part,) in session.execute(statement("probes", "no_month")).fetchall():
        yield f"{part} has no part for the next month"


def _years_before(now: datetime, years: int) -> datetime:
    day = min(now.day, 28)  # no 29 February to look for
    return now.replace(year=now.year - years, day=day)
