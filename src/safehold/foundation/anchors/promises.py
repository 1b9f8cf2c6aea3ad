"""The check of what others hold: nobody outside remembers a head that this log contradicts."""

from __future__ import annotations

from safehold.foundation.anchors import events, flows, selectors
from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.promise import Check, Finding, ProbeContext, broken, kept

__all__ = ["CHECKS", "PROVOKERS", "nobody_contradicts"]

_TRIES = 24
"""After so many failures in a row, an hour apart at the end, somebody should look at a place."""


def nobody_contradicts(probe: ProbeContext) -> Finding:
    """What witnesses and others hold fits what is stored; and how far back nobody outside could tell."""
    with scoped(tenancy.platform_scope("prove")) as scope:
        found, rows = selectors.window(scope), list(selectors.everywhere())
    evidence = {
        "places": len(rows),
        "outside_seconds": found.seconds,
        "failing": sorted(f"{row.kind} {row.id}" for row in rows if row.failures >= _TRIES),
    }
    if against := [f"{row.kind} {row.id}: {row.contradiction}" for row in rows if row.contradiction]:
        return broken(f"Somebody outside holds a head that contradicts what is stored: {against[0]}", **evidence)
    return kept(found.sentence, **evidence)


CHECKS: tuple[Check, ...] = (Check("AUD-2", "what others hold", nobody_contradicts),)


def _come_and_gone(scope: Scope) -> None:
    place = flows.add_mail(scope=scope, email="probe@canary.invalid").id
    flows.note_contradiction(scope=scope, place_id=place, message="a check of the installation", theirs=2, ours=1)
    flows.end_place(scope=scope, place_id=place)


PROVOKERS: tuple[Provoker, ...] = (
    Provoker(
        "a holder of heads comes, contradicts and goes",
        _come_and_gone,
        (events.ADDED, events.CONTRADICTED, events.ENDED),
    ),
)
