"""Exports of a log, and proofs of one event: files that stand by themselves (specs/audit-log.md, sections 9 and 10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from uuid import UUID

from django.db import connection

from safehold.foundation.audit import selectors
from safehold.foundation.audit.moments import micros, moment
from safehold.foundation.audit.personal import open_personal
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import installation
from safehold.foundation.audit.stored import stretch, tile_reader
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Scope
from safehold.kernel import auditevent, auditfile, chain, merkle
from safehold.kernel.auditevent import LOGS, origin_of
from safehold.kernel.auditfile import Description, Opening, Span
from safehold.kernel.checkpoint import open_checkpoint
from safehold.kernel.errors import Invalid, NotFound, Problem, Tampered, Unavailable
from safehold.kernel.proof import Proof
from safehold.kernel.tiles import TileReader
from safehold.kernel.verifier import LATE, SKEW

__all__ = ["Period", "Plan", "pieces", "plan", "proof_of"]

_MOST_CHECKPOINTS = 2_000
"""Signed heads that an export carries on the way: thinned out evenly where there are more."""

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export is going to hold: which places of which log, under which signed heads."""

    log: UUID
    description: Description
    final: str
    earlier: tuple[str, ...]
    logs: str | None

    @property
    def count(self) -> int:
        """How many events."""
        return self.description.end - self.description.first


def plan(*, scope: Scope, period: Period | None = None) -> Plan:
    """What to export of the scope's log: all of it, or so much that a period is shown to be complete."""
    note = selectors.newest_note(scope=scope)
    final = open_checkpoint(note, published_keys(installation()), origin_of(installation().id, scope.log_id))
    kept = [(size, micros(at)) for size, at in selectors.signed_sizes(scope=scope)]
    heads = [one for one in kept if one[0] < final.size]
    lowest = selectors.lowest_kept(scope=scope)
    if period is None:
        first, end, claim = lowest, final.size, None
    else:
        claim = micros(period[0]), micros(period[1])
        first, end = _bounds([*heads, (final.size, final.time)], claim, lowest)
    inside = [size for size, _ in kept if first <= size <= end]
    logs, named = _in_log_of_logs(scope, {*inside, final.size})
    sizes = _thinned([size for size in inside if size < final.size], {first, end, named})
    what = Description(final.origin, first, end, final.size, micros(clock.now()), claim)
    return Plan(scope.log_id, what, note, tuple(selectors.notes(scope=scope, sizes=sizes)), logs)


def pieces(made: Plan, *, openings: bool = False) -> Iterator[bytes]:
    """The bytes of the export, read from the database as they are asked for, in the plan's scope's transaction.

    `openings` says whether the personal values are disclosed.
    """
    what = made.description
    with connection.cursor() as cursor:
        tree = TileReader(what.size, tile_reader(cursor, made.log))
        span = None
        if what.partial:
            right = [tree.subtree(lo, hi) for lo, hi in merkle.cover(what.end, what.size)]
            span = Span(_chain_at(made, what.first), tuple(tree.hashes(0, what.first)), tuple(right))
        yield from auditfile.write(
            what,
            _events(made, openings=openings),
            program=files("safehold.kernel.verifier").joinpath("standalone.py").read_bytes(),
            checkpoint=made.final,
            earlier=made.earlier,
            span=span,
            logs=made.logs,
        )


def proof_of(*, scope: Scope, event_id: UUID) -> Proof:
    """The proof that one event of the scope's log is in it; `Unavailable` until a signed head covers it."""
    found = selectors.event(scope=scope, event_id=event_id)
    if found.index is None:
        raise Unavailable("The event has no place in the log yet.", hint="The sealer gives it one within seconds.")
    return _proof(scope, scope.log_id, found.index, found.body)


def _proof(scope: Scope, log: UUID, index: int, body: bytes) -> Proof:
    note = selectors.newest_note(scope=scope, log=log)
    size = open_checkpoint(note, published_keys(installation())).size
    if size <= index:
        raise Unavailable("No signed head covers the event yet.", hint="The sealer signs one within seconds.")
    with connection.cursor() as cursor:
        tree = TileReader(size, tile_reader(cursor, log))
        hashes = merkle.inclusion_proof(index, size, tree.subtree)
    return Proof(index, tuple(hashes), note, body)


def _bounds(heads: Sequence[tuple[int, int]], period: tuple[int, int], lowest: int) -> tuple[int, int]:
    """The places to export so that every event of the period is certainly among them; heads are (size, time).

    What lies below `lowest` was purged.
    """
    start, stop = period
    if start >= stop:
        raise Invalid("A period ends after it begins.", problems=(Problem("period", "from before to"),))
    first = max((size for size, time in heads if time + SKEW < start), default=0)
    if first < lowest:
        problem = Problem("from", "a moment since the last purge", moment(start).isoformat())
        hint = "Begin the period later, or leave it out to export everything that is kept."
        raise Invalid("Events of this period may have been purged.", problems=(problem,), hint=hint)
    end = next((size for size, time in heads if stop <= time - LATE), None)
    if end is None:
        problem = Problem("to", "a moment more than an hour before the newest signed head", moment(stop).isoformat())
        hint = "Leave the period out to export everything up to now."
        raise Invalid("It can't be shown yet that nothing of this period is missing.", problems=(problem,), hint=hint)
    return first, max(first, end)


def _thinned(sizes: Sequence[int], wanted: set[int | None]) -> list[int]:
    step = max(1, -(-len(sizes) // _MOST_CHECKPOINTS))
    return [size for at, size in enumerate(sizes) if at % step == 0 or size in wanted]


def _in_log_of_logs(scope: Scope, sizes: set[int]) -> tuple[str | None, int | None]:
    """The newest proof that the log of logs names a head of one of these sizes, and that size."""
    for index, body in selectors.logs_events(origin_of(installation().id, scope.log_id)):
        size = auditevent.decode(body).fields["size"]
        if isinstance(size, int) and size in sizes:
            try:
                return _proof(scope, LOGS, index, body).encode(), size
            except Unavailable:
                continue
    return None, None


def _chain_at(made: Plan, size: int) -> bytes:
    if size == 0:
        return chain.start(made.description.log)
    with connection.cursor() as cursor:
        found = next(stretch(cursor, made.log, size - 1, size), None)
    if found is None:
        raise Tampered(f"Place {size - 1} of the log is missing.")
    return found.chain


def _events(made: Plan, *, openings: bool) -> Iterator[tuple[bytes, list[Opening]]]:
    with connection.cursor() as cursor:
        for one in stretch(cursor, made.log, made.description.first, made.description.end):
            if one.body is None:
                raise NotFound(f"Event {one.index} of the log is gone.")
            yield one.body, _openings(made.log, one.event_id, one.personal) if openings and one.personal else []


def _openings(log: UUID, event_id: UUID, sealed: bytes) -> list[Opening]:
    (values,) = open_personal(log, [(event_id, sealed)])
    return [Opening(name, one.value, one.salt) for name, one in values.items()]
