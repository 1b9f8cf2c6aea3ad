"""What a list shows, as its address says it: `?country=Germany&unitPrice__gte=10&q=roast&sort=-orderDate&after=…`.

`parse` and `written` are each other's inverse. The grammar knows no collection: whether there is such a field, and
whether it can be asked so, is for the selector to say, which knows who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from safehold.kernel.errors import Invalid, Problem
from safehold.workspace.records.conf import PAGE, PAGE_LIMIT

__all__ = ["Filter", "Op", "Query", "parse", "written"]

_LONGEST = 1_000
_MOST_FILTERS = 20
_OF_THE_FACE = frozenset({"format", "columns", "page", "deleted"})


class Op(StrEnum):
    """How a filter compares. `IS` has no suffix in an address; the others follow two underscores."""

    IS = "is"
    NOT = "not"
    FROM = "gte"
    TO = "lte"
    OVER = "gt"
    UNDER = "lt"
    BEGINS = "begins"
    EMPTY = "empty"


WORDS: Final[dict[Op, str]] = {
    Op.IS: "is",
    Op.NOT: "is not",
    Op.FROM: "is at least",
    Op.TO: "is at most",
    Op.OVER: "is more than",
    Op.UNDER: "is less than",
    Op.BEGINS: "begins with",
    Op.EMPTY: "is empty",
}
"""What pages call each comparison."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. Several on one field all hold; for `EMPTY` the value is "yes" or "no"."""

    key: str
    op: Op
    value: str

    @property
    def name(self) -> str:
        """Its name in an address: "unitPrice__gte"."""
        return self.key if self.op is Op.IS else f"{self.key}__{self.op.value}"


@dataclass(frozen=True, slots=True)
class Query:
    """A page of a list: conditions, words to search for, the field to sort by ("-" before it: downwards), its start."""

    filters: tuple[Filter, ...] = ()
    q: str = ""
    sort: str = ""
    after: str = ""
    limit: int = PAGE
    deleted: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.filters or self.q)

    def without(self, condition: Filter) -> Query:
        """The same list without one of its conditions, from its start."""
        return replace(self, filters=tuple(each for each in self.filters if each != condition), after="")

    def sorted_by(self, key: str) -> Query:
        """The same list sorted by a field; downwards if it is sorted by it upwards already."""
        return replace(self, sort=f"-{key}" if self.sort == key else key, after="")


def _condition(name: str, value: str) -> Filter | Problem:
    key, marked, suffix = name.partition("__")
    if len(value) > _LONGEST:
        return Problem(name, f"at most {_LONGEST} characters")
    try:
        op = Op(suffix) if marked else Op.IS
    except ValueError:
        known = ", ".join(f"{key}__{op.value}" for op in Op if op is not Op.IS)
        return Problem(name, f"{key} or one of {known}")
    if op is Op.EMPTY and value not in ("yes", "no"):
        return Problem(name, "yes or no", value[:40])
    return Filter(key, op, value)


def _limit(value: str) -> int | Problem:
    if value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= PAGE_LIMIT:
        return int(value)
    return Problem("limit", f"a number from 1 to {PAGE_LIMIT}", value[:40])


def parse(pairs: Iterable[tuple[str, str]], *, deleted: bool = False) -> Query:
    """The list that an address asks for. Names of other things than fields ("format", say) belong to the face."""
    query = Query(deleted=deleted)
    conditions: list[Filter] = []
    problems: list[Problem] = []
    for name, value in pairs:
        if name in ("q", "sort", "after"):
            given: dict[str, Any] = {name: value.strip()[:_LONGEST]}
            query = replace(query, **given)
        elif name == "limit":
            limit = _limit(value)
            problems += [limit] if isinstance(limit, Problem) else []
            query = query if isinstance(limit, Problem) else replace(query, limit=limit)
        elif name not in _OF_THE_FACE and value.strip():
            found = _condition(name, value.strip())
            (problems if isinstance(found, Problem) else conditions).append(found)  # type: ignore[arg-type]
    if len(conditions) > _MOST_FILTERS:
        problems.append(Problem("filters", f"at most {_MOST_FILTERS} conditions"))
    if problems:
        raise Invalid("This list can't be shown as asked.", problems=tuple(problems))
    return replace(query, filters=tuple(conditions))


def written(query: Query) -> list[tuple[str, str]]:
    """The address's pairs for a list; `parse` reads them back."""
    pairs = [(condition.name, condition.value) for condition in query.filters]
    pairs += [(name, value) for name in ("q", "sort", "after") if (value := getattr(query, name))]
    return [*pairs, ("limit", str(query.limit))] if query.limit != PAGE else pairs
