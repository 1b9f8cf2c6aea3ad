"""From cells to stored values, a column at a time."""

from __future__ import annotations

from collections.abc import Sequence

from safehold.workspace.records.cells import NOTHING, original
from safehold.workspace.records.importing.sheet import Problems
from safehold.workspace.records.importing.text import shown
from safehold.workspace.records.shape import FieldShape
from safehold.workspace.records.values import Unfit, reader, same

__all__ = ["ColumnReader"]

_REMEMBERED = 200_000


class ColumnReader:
    """Reads one column of a file. Each distinct cell is read once, so columns with few values cost next to nothing."""

    def __init__(self, name: str, each: FieldShape, problems: Problems) -> None:
        self.name, self.field = name, each
        self._problems = problems
        self._read = reader(each.type, each.choices)
        self._values: dict[str, str | None] = {}
        self._unfit: dict[str, str] = {}
        self._rows: dict[str, int] = {}

    def read(self, cells: Sequence[str], numbers: Sequence[int]) -> list[str | None]:
        """The values of some cells; None for nothing. What isn't a value becomes a problem of its row."""
        if len(self._values) > _REMEMBERED:
            self._values.clear()
        for cell in set(cells) - self._values.keys():
            self._values[cell] = self._value(cell)
        if self._unfit:
            self._report(cells, numbers)
        values = list(map(self._values.__getitem__, cells))
        if self.field.required and None in values:
            for number, value, cell in zip(numbers, values, cells, strict=True):
                if value is None and cell not in self._unfit:
                    self._problems.add(
                        f"row {number}, column {self.name}", f"something in {self.field.label}", "nothing"
                    )
        return values

    def repeated(self, values: Sequence[str | None], numbers: Sequence[int]) -> None:
        """Note a problem for each value that an earlier row of the file has; for columns of unique fields."""
        for number, value in zip(numbers, values, strict=True):
            if value is None:
                continue
            first = self._rows.setdefault(same(self.field.type, value), number)
            if first != number:
                self.refuse(number, f"a value that no other row has; row {first} has it too", value)

    def is_repeated(self, value: str, number: int) -> bool:
        """Whether an earlier row has this value, so that its problem is noted already."""
        return self._rows.get(same(self.field.type, value), number) != number

    def refuse(self, number: int, expected: str, value: str) -> None:
        """Note a problem with a value of this column."""
        found = shown(value) if self.field.is_open else ""
        self._problems.add(f"row {number}, column {self.name}", expected, found)

    def _value(self, cell: str) -> str | None:
        if cell.strip().lower() in NOTHING:
            return None
        try:
            return self._read(original(cell))
        except Unfit as unfit:
            self._unfit[cell] = unfit.expected
            return None

    def _report(self, cells: Sequence[str], numbers: Sequence[int]) -> None:
        for number, cell in zip(numbers, cells, strict=True):
            if cell in self._unfit:
                self.refuse(number, self._unfit[cell], cell)
