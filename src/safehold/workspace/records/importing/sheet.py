"""A CSV file as header and rows, with rows that can be mended without guessing, and every other fault named.

Row numbers are those a spreadsheet shows: the header is row 1.

Some programs write "Rua do Paço, 67" without quotes, and the row has a cell too many. Such a row is mended where only
one reading is possible: the surplus cells are exactly those that begin with a space, and no cell of any sound row in
the whole file begins with one. Each mended cell is reported. Anything else with too many or too few cells is a problem.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from safehold.kernel.errors import Problem
from safehold.workspace.records.conf import MAX_FIELDS, MAX_PROBLEMS
from safehold.workspace.records.errors import ImportRefused
from safehold.workspace.records.importing.text import column_name, decoded, find_delimiter, shown

__all__ = ["Chunk", "Mended", "Problems", "Sheet"]


class Chunk(NamedTuple):
    """Some rows of the file, with their numbers. Each has as many cells as the header."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[str]]


class Mended(NamedTuple):
    """A cell that was put together from pieces, because it held a comma and no quotes."""

    row: int
    column: str
    text: str


@dataclass
class Problems:
    """What is wrong with a file: the first hundred problems, and how many there are."""

    listed: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, expected: str, found: str = "") -> None:
        """Note a problem."""
        self.count += 1
        if len(self.listed) < MAX_PROBLEMS:
            self.listed.append(Problem(place, expected, found))

    def refuse(self) -> None:
        """Raise `ImportRefused` if there is any."""
        if self.count:
            more = f" The first {len(self.listed)} are listed." if self.count > len(self.listed) else ""
            many = "1 problem" if self.count == 1 else f"{self.count:,} problems"
            raise ImportRefused(
                f"The file has {many}; nothing of it was stored.{more}",
                problems=tuple(self.listed),
                hint="Mend the file and import it again.",
            )


class Sheet:
    """A CSV file. Made from bytes; raises `ImportRefused` where no table can be seen in them at all."""

    def __init__(self, data: bytes, *, encoding: str = "utf-8", delimiter: str = "", mend: bool = True) -> None:
        self._text = decoded(data, encoding)
        self.delimiter = delimiter or find_delimiter(self._text)
        self._may_mend = mend
        self.mended: list[Mended] = []
        self.header = self._read_header()

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(self._text, newline=""), delimiter=self.delimiter, strict=True)

    def _read_header(self) -> tuple[str, ...]:
        try:
            cells = next(self._reader(), [])
        except csv.Error as error:
            raise ImportRefused(
                "The file is no CSV.", problems=(Problem("row 1", "cells of a CSV", str(error)),)
            ) from None
        header = tuple(cell.strip() for cell in cells)
        problems = Problems()
        if not any(header):
            problems.add("row 1", "the names of the columns", "nothing")
        elif len(header) > MAX_FIELDS:
            problems.add("row 1", f"at most {MAX_FIELDS} columns", f"{len(header)}")
        for index, name in enumerate(header):
            if any(header) and not name:
                problems.add(f"row 1, column {index + 1}", "a name for the column", "nothing")
            elif name in header[:index]:
                problems.add(f"row 1, column {index + 1}", "each name once", shown(name))
        problems.refuse()
        return header

    def chunks(self, size: int, problems: Problems) -> Iterator[Chunk]:
        """The rows, `size` at a time, without blank ones; those with the wrong number of cells become problems."""
        self.mended.clear()
        reader = self._reader()
        next(reader, None)
        number, width = 2, len(self.header)
        while True:
            rows, fault = _take(reader, size)
            if rows and set(map(len, rows)) == {width}:
                yield Chunk(range(number, number + len(rows)), rows)
            elif rows and (sound := list(self._sound(rows, number, problems))):
                yield Chunk(*zip(*sound, strict=True))
            number += len(rows)
            if fault:
                problems.add(f"row {number}", "cells of a CSV, each quote closed", fault)
            if fault or len(rows) < size:
                return

    def count(self) -> int:
        """How many rows there are below the header, about: line breaks inside cells count too. For progress."""
        return self._text.count("\n") - 1 + (not self._text.endswith("\n"))

    def _sound(self, rows: list[list[str]], number: int, problems: Problems) -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        for at, row in enumerate(rows, number):
            if len(row) == width:
                yield at, row
            elif row and (mended := self._mend(at, row)):
                yield at, mended
            elif row:
                extra = f", the last one {shown(row[-1])}" if len(row) > width else ""
                problems.add(f"row {at}", f"{width} cells, as the header has", f"{len(row)} cells{extra}")

    def _mend(self, number: int, row: list[str]) -> list[str] | None:
        """The row with its torn cells put together; None where that would be a guess."""
        torn = sum(cell.startswith(" ") for cell in row)
        surplus = len(row) - len(self.header)
        if surplus < 1 or torn != surplus or row[0].startswith(" ") or not self._spaces_mean_torn:
            return None
        joined: list[str] = []
        for cell in row:
            if cell.startswith(" "):
                joined[-1] += self.delimiter + cell
            else:
                joined.append(cell)
        self.mended += [
            Mended(number, column_name(self.header, index), cell)
            for index, cell in enumerate(joined)
            if self.delimiter + " " in cell and cell not in row
        ]
        return joined

    @cached_property
    def _spaces_mean_torn(self) -> bool:
        """Whether no cell of any sound row begins with a space, so that one that does was torn off."""
        if not self._may_mend:
            return False
        width = len(self.header)
        try:
            return not any(cell.startswith(" ") for row in self._reader() if len(row) == width for cell in row)
        except csv.Error:
            return False


def _take(reader: Iterator[list[str]], size: int) -> tuple[list[list[str]], str]:
    """Up to `size` rows, and what stopped the reader if it was a fault."""
    rows: list[list[str]] = []
    add: Callable[[list[str]], None] = rows.append
    try:
        for row in islice(reader, size):
            add(row)
    except csv.Error as error:
        return rows, str(error)
    return rows, ""
