"""PostgreSQL's minor releases known when this was written: a server's age can be shown without asking anybody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

__all__ = ["KNOWN_ON", "Age", "age_of"]

KNOWN_ON = date(2026, 11, 22)
"""The day of the list below: what was released later is unknown here, so a server can only be older than shown."""

# Release day → the newest minor of each major from that day on (release notes of PostgreSQL).
_RELEASES: dict[date, dict[int, int]] = {
    date(2025, 11, 13): {15: 15, 16: 11, 17: 7, 18: 1},
    date(2026, 2, 12): {15: 16, 16: 12, 17: 8, 18: 2},
    date(2026, 2, 26): {15: 17, 16: 13, 17: 9, 18: 3},
    date(2026, 5, 14): {15: 18, 16: 14, 17: 10, 18: 4},
    date(2026, 8, 13): {15: 19, 16: 15, 17: 11, 18: 6},
    date(2026, 11, 12): {15: 20, 16: 16, 17: 12, 18: 7},
}
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Age:
    """How a server stands: `released` and `newest` are None where the list doesn't know."""

    version: str
    released: date | None
    newest: str | None
    behind: int

    def sentence(self, today: date) -> str:
        """It in words, as in "18.6, released 101 days ago; 18.7 is newer"."""
        if self.released is None:
            known = f"{KNOWN_ON:%-d %B %Y}"
            return f"{self.version}, {'older than' if self.behind else 'not among'} the releases known on {known}"
        newer = f"; {self.newest} is newer" if self.behind else ""
        return f"{self.version}, released {(today - self.released).days} days ago{newer}"


def age_of(version: str) -> Age:
    """When a server's minor version was released, and how many releases it's behind the newest known."""
    found = _VERSION.match(version)
    if found is None:
        return Age(version, None, None, 0)
    major, minor = int(found.group(1)), int(found.group(2))
    minors = {day: minors[major] for day, minors in _RELEASES.items() if major in minors}
    newest = f"{major}.{max(minors.values())}" if minors else None
    released = next((day for day, known in minors.items() if known == minor), None)
    return Age(version, released, newest, sum(known > minor for known in minors.values()))
