"""Reads of counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.scope import Scope
from safehold.foundation.usage.models import Count
from safehold.kernel.errors import Invalid, Problem

__all__ = ["Day", "Route", "Row", "Usage", "counts", "usage"]


@dataclass(frozen=True, slots=True)
class Row:
    """How often one route was asked for on one day."""

    day: date
    route: str
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """What one day had."""

    day: date
    views: int
    actions: int


@dataclass(frozen=True, slots=True)
class Route:
    """What one kind of page or action had in all."""

    method: str
    address: str
    count: int

    @property
    def is_view(self) -> bool:
        """Whether it only shows something."""
        return self.method == "GET"


@dataclass(frozen=True, slots=True)
class Usage:
    """A period: every day of it, and every route that was asked for, the most frequent first."""

    days: Sequence[Day]
    routes: Sequence[Route]

    @property
    def views(self) -> int:
        """Page views in all."""
        return sum(day.views for day in self.days)

    @property
    def actions(self) -> int:
        """Actions in all."""
        return sum(day.actions for day in self.days)


def counts(*, scope: Scope, first: date, last: date) -> list[Row]:
    """The tenant's counts from `first` to `last`, both included, by day and route."""
    scope.require(Permission.USAGE_READ)
    if last < first:
        raise Invalid("A period ends after it begins.", problems=(Problem("last", f"{first} or later", str(last)),))
    found = Count.objects.filter(tenant_id=scope.tenant, day__gte=first, day__lte=last).order_by("day", "route")
    return [Row(*row) for row in found.values_list("day", "route", "count")]


def usage(*, scope: Scope, first: date, last: date) -> Usage:
    """The same added up: by day, the days without any among them, and by route."""
    by_day: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    by_route: dict[str, int] = defaultdict(int)
    for row in counts(scope=scope, first=first, last=last):
        by_day[row.day][not row.route.startswith("GET ")] += row.count
        by_route[row.route] += row.count
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    named = ((name.partition(" "), number) for name, number in by_route.items())
    routes = [Route(method, address, number) for (method, _, address), number in named]
    routes.sort(key=lambda route: (-route.count, route.address, route.method))
    return Usage([Day(day, *by_day.get(day, (0, 0))) for day in days], routes)
