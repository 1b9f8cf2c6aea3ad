"""Fixed numbers of this room."""

from __future__ import annotations

from typing import Final

__all__ = ["FLUSH_SECONDS", "KEPT_MONTHS", "ROUTE"]

FLUSH_SECONDS: Final = 5.0
"""How often a process writes down what it counted. A process that is killed loses the counts of so long, at most."""

KEPT_MONTHS: Final = 13
"""How long counts are kept: a year, and the month to compare it with."""

ROUTE: Final = r"(GET|POST|PUT|PATCH|DELETE) /[A-Za-z0-9<>:_./-]{0,190}"
"""What is counted: a method and the pattern of an address. There is no place in it for a query or a name; the table
holds the same rule."""
