"""Reading a file against a collection: values checked, references resolved, repetitions found, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Scope
from safehold.workspace.records.columns import Batch, Column, new_ids
from safehold.workspace.records.conf import MAX_ROWS
from safehold.workspace.records.flows.storing import Clash
from safehold.workspace.records.importing.mapping import mapped
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.importing.reading import ColumnReader
from safehold.workspace.records.importing.sheet import Chunk, Problems
from safehold.workspace.records.selectors.collections import whole_collections
from safehold.workspace.records.selectors.lookups import find_targets, holders
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.values import FieldType, same

__all__ = ["BATCH", "Loader"]

BATCH = 4_000
"""Rows that are read, sealed and stored together."""


class Loader:
    """One file on its way into one collection. What is wrong gathers in `problems`."""

    def __init__(self, scope: Scope, whole: Shape, data: bytes, options: ImportOptions) -> None:
        self.problems = Problems()
        self.sheet = options.sheet(data)
        self._scope, self._shape, self._options = scope, whole, options
        self._visible = whole.readable(scope.readable)
        self._mapping = mapped(self._visible, self.sheet.header, options, self.problems)
        header = zip(self.sheet.header, self._mapping.fields, strict=True)
        self._readers = [ColumnReader(name, each, self.problems) if each else None for name, each in header]
        self._targets: dict[UUID, dict[str, str | None]] = {}
        self._own: dict[str, str] = {}

    @property
    def fields(self) -> tuple[FieldShape, ...]:
        """The fields that the file fills."""
        return tuple(each for each in self._mapping.fields if each is not None)

    @property
    def refers_to_itself(self) -> bool:
        """Whether rows of the file may point to other rows of it."""
        return any(each.target_id == self._shape.id for each in self.fields)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Each column's name, and the key of the field it goes to; empty where it is left out."""
        pairs = zip(self.sheet.header, self._mapping.fields, strict=True)
        return tuple((name, each.key if each else "") for name, each in pairs)

    def batches(self) -> Iterator[tuple[Batch, Sequence[int]]]:
        """The file's rows as batches, with their row numbers. Rows with problems are in them: nobody stores those."""
        if self.problems.count:
            return
        self._learn_own_codes()
        rows = 0
        for chunk in self.sheet.chunks(BATCH, self.problems):
            rows += len(chunk.rows)
            if rows > MAX_ROWS:
                self.problems.add(f"row {chunk.numbers[0]}", f"at most {MAX_ROWS:,} rows")
                return
            batch, numbers = self._batch(chunk)
            if batch.ids:
                yield batch, numbers
        if not rows and not self.problems.count:
            self.problems.add("row 2", "at least one row below the names of the columns", "nothing")

    def _batch(self, chunk: Chunk) -> tuple[Batch, Sequence[int]]:
        numbers, rows = chunk
        if not all(map(any, rows)):
            kept = [at for at, row in enumerate(rows) if any(row)]
            numbers, rows = [numbers[at] for at in kept], [rows[at] for at in kept]
        values: dict[str, Column] = {}
        cells: list[Sequence[str]] = list(zip(*rows, strict=True)) or [()] * len(self.sheet.header)
        for reader, column in zip(self._readers, cells, strict=True):
            if reader is not None:
                values[reader.field.key] = read = reader.read(column, numbers)
                if reader.field.unique:
                    reader.repeated(read, numbers)
        for reader in self._readers:
            if reader is not None and reader.field.type is FieldType.REFERENCE:
                values[reader.field.key] = self._resolved(reader, values[reader.field.key], numbers)
        departments = self._departments(cells, numbers)
        batch = Batch(self._shape, self._ids(values, len(numbers)), departments, values)
        return _without_blank(batch, numbers)

    def _departments(self, cells: Sequence[Sequence[str]], numbers: Sequence[int]) -> list[int]:
        reached = {str(number): number for number in self._scope.departments}
        if self._mapping.department is None:
            given = [str(self._options.department)] * len(numbers)
        else:
            given = [cell.strip() or "0" for cell in cells[self._mapping.department]]
        if unknown := set(given) - reached.keys():
            for number, text in zip(numbers, given, strict=True):
                if text in unknown:
                    self.problems.add(f"row {number}", "the number of a department that you reach", text[:20])
        return [reached.get(text, 0) for text in given]

    def _learn_own_codes(self) -> None:
        """Where rows refer to rows of the same file, give each its id beforehand: the order then doesn't matter."""
        code = self._shape.code_field
        at = self._mapping.position(code) if code is not None and self.refers_to_itself else None
        if code is None or at is None:
            return
        reader = ColumnReader(code.key, code, Problems())
        for chunk in self.sheet.chunks(BATCH, Problems()):
            for value in reader.read([row[at] for row in chunk.rows], chunk.numbers):
                if value is not None:
                    self._own.setdefault(same(code.type, value), new_id().hex)

    def _ids(self, values: dict[str, Column], size: int) -> list[str]:
        code = self._shape.code_field
        if not self._own or code is None:
            return new_ids(size)
        column = values.get(code.key) or [None] * size
        return [self._own[same(code.type, value)] if value else new_id().hex for value in column]

    def _resolved(self, reader: ColumnReader, column: Column, numbers: Sequence[int]) -> Column:
        """The ids that a column of codes stands for."""
        each = reader.field
        known = self._targets.setdefault(each.id, {})
        unknown = {value.strip() for value in set(column) if value is not None} - known.keys()
        if unknown:
            found = find_targets(self._scope, each, unknown) | self._found_here(each, unknown)
            known.update({value: str(found[value]) if value in found else None for value in unknown})
        resolved = [None if value is None else known[value.strip()] for value in column]
        if None in (found for found, value in zip(resolved, column, strict=True) if value is not None):
            for number, value, holder in zip(numbers, column, resolved, strict=True):
                if value is not None and holder is None:
                    reader.refuse(number, self._expected_target(each), value)
        return resolved

    def _found_here(self, each: FieldShape, values: Iterable[str]) -> dict[str, UUID]:
        code = self._shape.code_field
        if each.target_id != self._shape.id or code is None:
            return {}
        forms = {value: same(code.type, value) for value in values}
        return {value: UUID(self._own[form]) for value, form in forms.items() if form in self._own}

    def _expected_target(self, each: FieldShape) -> str:
        (target,) = whole_collections(self._scope, id=each.target_id)
        code = target.code_field
        return f"the {code.label if code else 'id'} of a record that is in {target.label}"

    def check_holders(self, batch: Batch, numbers: Sequence[int]) -> None:
        """Note a problem for each unique value that a stored record has already."""
        for reader in self._readers:
            if reader is None or not reader.field.unique:
                continue
            column = batch.column(reader.field.key)
            taken = holders(self._shape, reader.field, [value for value in column if value is not None])
            for number, value in zip(numbers, column, strict=True):
                if value in taken and not reader.is_repeated(value, number):
                    reader.refuse(number, "a value that no other record has", value)

    def add_clashes(self, clashes: Iterable[Clash], numbers: Sequence[int]) -> None:
        """Note a problem for each value that could not be claimed."""
        by_field = {reader.field.id: reader for reader in self._readers if reader is not None}
        for clash in clashes:
            reader = by_field[clash.field.id]
            reader.refuse(numbers[clash.position], "a value that no other record has", clash.value)

    def row(self, batch: Batch, at: int) -> dict[str, str]:
        """A row's values as a preview shows them: references by their codes."""
        return {each.key: value for each in self.fields if (value := self._shown(batch, each, at))}

    def _shown(self, batch: Batch, each: FieldShape, at: int) -> str | None:
        value = batch.column(each.key)[at]
        if value is None or each.type is not FieldType.REFERENCE:
            return value
        return next((code for code, found in self._targets[each.id].items() if found == value), value)


def _without_blank(batch: Batch, numbers: Sequence[int]) -> tuple[Batch, Sequence[int]]:
    """The batch without rows that hold nothing at all, as spreadsheets leave them below their tables."""
    filled = [any(row) for row in zip(*batch.values.values(), strict=True)]
    if all(filled):
        return batch, numbers
    kept = [at for at, is_filled in enumerate(filled) if is_filled]
    return batch.part(kept), [numbers[at] for at in kept]
