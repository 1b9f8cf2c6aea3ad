"""Limits of this room. They are generous for people and tight enough that no input can tie up the machine."""

from __future__ import annotations

__all__ = [
    "LONGEST_VALUE",
    "MAX_CHOICES",
    "MAX_FIELDS",
    "MAX_FILE",
    "MAX_PROBLEMS",
    "MAX_ROWS",
    "PAGE",
    "PAGE_LIMIT",
    "PREVIEW_ROWS",
    "ROWS_TOLD",
    "SLOTS",
    "SORTED_HERE",
]

LONGEST_VALUE = 100_000
"""Characters that one value may have."""

MAX_FIELDS = 200
"""Fields that one collection may have."""

MAX_CHOICES = 200
"""Choices that one field may offer."""

SLOTS = 8
"""How many open fields of a collection can be sorted: each has an indexed column of its own."""

MAX_FILE = 64 * 1024 * 1024
"""Bytes that an imported file may have."""

MAX_ROWS = 1_000_000
"""Rows that one import may have."""

MAX_PROBLEMS = 100
"""Problems that are listed for one file; the rest is counted."""

SORTED_HERE = 5_000
"""Records that a list may have to be sorted by a field without an index."""

PREVIEW_ROWS = 20
"""Rows that a preview shows."""

ROWS_TOLD = 1_000
"""Events of imported rows that are written at once."""

PAGE = 50
"""Records on a page where nobody asked otherwise."""

PAGE_LIMIT = 500
"""Records on a page at most."""
