"""AUD-7: events hold ids, names of fields and counts, and nothing that tenants keep.

By rule: each plain field of each type says of what kind it is, and text that people typed needs a reason. By looking:
the newest events of the canaries and of the platform are of those kinds, and no planted value stands in any of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.registry import event_types, field_kinds
from safehold.foundation.audit.statements import statement
from safehold.foundation.keys import canaries
from safehold.foundation.keys.rawscan import Needles, needles_of_texts
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import Event, decode
from safehold.kernel.fieldkind import Free, fits
from safehold.kernel.ids import PLATFORM
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["events_hold_no_content", "newest_bodies"]

_MOST = 5_000
_REASON = 15
"""Letters that a reason has at least."""


def events_hold_no_content(probe: ProbeContext) -> Finding:
    """Hold every type to the rule, and the newest events of three logs to their types; look for planted values."""
    faults, read = list(_undeclared()), 0
    planted = canaries.planted_values()
    needles = Needles(needles_of_texts(planted))
    for log in (probe.left, probe.right, PLATFORM):
        bodies = newest_bodies(log)
        read += len(bodies)
        faults += [fault for body in bodies for fault in _wrong(body, needles)]
    free = sorted(
        {
            f"{event}: {name}"
            for event, kinds in field_kinds().items()
            for name, k in kinds.items()
            if isinstance(k, Free)
        }
    )
    evidence = {"events": read, "types": len(event_types()), "planted_values": len(planted), "typed_by_people": free}
    if faults:
        return broken(f"The log holds what it shouldn't: {faults[0]}.", faults=faults[:20], **evidence)
    if not read or not planted:
        return unproven("There is nothing to look at yet.", **evidence)
    return kept(
        f"{read:,} events hold ids, names, counts and words of ours, and none of {len(planted)} planted values.",
        **evidence,
    )


def newest_bodies(log: UUID, most: int = _MOST) -> list[bytes]:
    """The newest events of a log, as they are hashed."""
    with scoped(scope_of_log(log, "probe")), connection.cursor() as cursor:
        cursor.execute(statement("probes", "newest_bodies"), {"log": log, "most": most})
        return [bytes(row[0]) for row in cursor.fetchall()]


def _undeclared() -> Iterator[str]:
    for name, event in event_types().items():
        kinds = field_kinds().get(name, {})
        yield from (f"{name} doesn't say what its field {each} holds" for each in event.fields if each not in kinds)
        for each, kind in kinds.items():
            if isinstance(kind, Free) and len(kind.reason) < _REASON:
                yield f"{name} gives no reason why its field {each} holds what people typed"


def _wrong(body: bytes, needles: Needles) -> Iterator[str]:
    event = decode(body)
    yield from (f"{event.type} {event.id} holds {needle.label}" for needle in needles.found_in(body))
    yield from (f"{event.type} {event.id}: {name} isn't what it says it is" for name in _misfits(event))


def _misfits(event: Event) -> list[str]:
    kinds = field_kinds().get(event.type)
    if kinds is None:  # of another release: nothing is known of its fields
        return []
    return [name for name, value in event.fields.items() if name in kinds and not fits(kinds[name], value)]
