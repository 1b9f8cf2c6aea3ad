"""Reads of the assurance floor: the register with each promise's latest result and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from safehold.assurance.models import PromiseResult
from safehold.assurance.registry import AREAS, Entry, register
from safehold.foundation.anchors import selectors as anchors
from safehold.foundation.anchors.selectors import Window
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import NotFound
from safehold.kernel.promise import Result

__all__ = ["Area", "Standing", "areas", "history", "standing", "standings", "window"]

_URGENCY = {Result.BROKEN: 0, Result.UNPROVEN: 1, Result.KEPT: 2, Result.NOT_APPLICABLE: 3}


@dataclass(frozen=True, slots=True)
class Standing:
    """A promise and what was last found; `latest` is None where no check has run yet, which makes it unproven."""

    entry: Entry
    latest: PromiseResult | None

    @property
    def result(self) -> Result:
        """The last result; unproven before the first run."""
        return Result(self.latest.result) if self.latest else Result.UNPROVEN

    @property
    def evidence(self) -> dict[str, dict[str, object]]:
        """The last evidence by check; empty where there is none."""
        return dict(self.latest.evidence) if self.latest else {}

    @property
    def summary(self) -> str:
        """What was last found, in a sentence."""
        return self.latest.summary if self.latest else "No check has run yet."

    @property
    def checked_at(self) -> datetime | None:
        """When a check last ran; None where none ever did, a run without checks included."""
        return self.latest.at if self.latest and self.entry.checks else None

    @property
    def urgency(self) -> int:
        """Broken first, then unproven, then kept."""
        return _URGENCY[self.result]


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the register, its standings in order of urgency."""

    key: str
    name: str
    standings: list[Standing]


def _latest() -> dict[str, PromiseResult]:
    rows = PromiseResult.objects.order_by("promise", "-at", "-id").distinct("promise")
    return {row.promise: row for row in rows}


def window() -> Window:
    """How far back the logs could be rewritten without anybody outside noticing."""
    with scoped(tenancy.platform_scope("trust")) as scope:
        return anchors.window(scope)


def standings() -> list[Standing]:
    """Every promise of the register with its latest result: broken ones first, then unproven, then the rest."""
    latest = _latest()
    everything = [Standing(entry, latest.get(key)) for key, entry in register().items()]
    return sorted(everything, key=lambda standing: standing.urgency)


def areas(*, state: str = "") -> list[Area]:
    """The standings by area, in one `state` only where it is given; areas with nothing to show are left out.

    An area with something broken comes first, otherwise the register's order holds.
    """
    found = [s for s in standings() if state in ("", s.result.value)]
    grouped = [Area(key, name, [s for s in found if s.entry.promise.area == key]) for key, name in AREAS.items()]
    return sorted((area for area in grouped if area.standings), key=lambda area: area.standings[0].urgency != 0)


def standing(promise_id: str) -> Standing:
    """One promise with its latest result; raises `NotFound`."""
    entry = register().get(promise_id.upper())
    if entry is None:
        raise NotFound(f"There is no promise {promise_id}.", hint="The trust page lists them all.")
    return Standing(entry, _latest().get(entry.promise.id))


def history(promise_id: str, *, limit: int = 60) -> list[PromiseResult]:
    """The last results of one promise, newest first."""
    return list(PromiseResult.objects.filter(promise=promise_id).order_by("-at", "-id")[:limit])
