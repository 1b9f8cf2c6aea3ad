"""Cells of CSV files: harmless to spreadsheets on the way out, and the same values again on the way in.

A spreadsheet runs a cell that begins like a formula. Such a cell, and a text that an import would take for "nothing",
gets one apostrophe in front; an import takes that apostrophe off again. What already has apostrophes in front of such a
text gets one more, so that every text comes back as it went. `specs/records-csv.md` has the rule and its examples.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["NOTHING", "harmless", "original"]

NOTHING: Final = frozenset({"", "null", r"\n"})
"""Cells that hold nothing, in lower case and without outer spaces."""

_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are their full-width forms
_NUMBER = re.compile(r"[+-][0-9]+(?:[.,][0-9]+)*")


def _is_risky(text: str) -> bool:
    """Whether a spreadsheet would run `text`, or an import would take it for nothing."""
    if not text:
        return False
    stripped = text.strip()
    if stripped.lower() in NOTHING:
        return True
    first = stripped[0]
    return (text[0] in _STARTS or first in _STARTS) and not _NUMBER.fullmatch(text)


def harmless(text: str) -> str:
    """`text` as a cell that no spreadsheet runs. `original` undoes it exactly."""
    return "'" + text if text and _is_risky(text.lstrip("'")) else text


def original(cell: str) -> str:
    """The text that `harmless` made this cell from."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell.lstrip("'")) else cell
