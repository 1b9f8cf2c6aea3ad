"""Which column goes to which field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safehold.workspace.records.importing.options import DEPARTMENT, ImportOptions
from safehold.workspace.records.importing.sheet import Problems
from safehold.workspace.records.importing.text import shown
from safehold.workspace.records.shape import FieldShape, Shape

__all__ = ["Mapping", "mapped"]


@dataclass(frozen=True, slots=True)
class Mapping:
    """For each column its field, or None where it is left out; and the position of the departments, if any."""

    fields: tuple[FieldShape | None, ...]
    department: int | None = None

    def position(self, each: FieldShape) -> int | None:
        """The column that goes to a field."""
        return next((at for at, found in enumerate(self.fields) if found == each), None)


def _field_for(shape: Shape, name: str) -> FieldShape | None:
    """The field that a column's name means: by key, by key in any case, or by label."""
    if exact := shape.find(name):
        return exact
    folded = name.casefold()
    by_name = (each for each in shape.fields if folded in (each.key.casefold(), each.label.casefold()))
    return next(by_name, None)


def mapped(shape: Shape, header: Sequence[str], options: ImportOptions, problems: Problems) -> Mapping:
    """The fields of a header's columns. `shape` shows what the importer may write.

    Every column has to go somewhere and every field has to come from somewhere, unless somebody said otherwise: a
    column that got lost is found before anything is stored, not a year after.
    """
    fields: list[FieldShape | None] = []
    department = None
    offered = ", ".join(each.key for each in shape.fields)
    for index, name in enumerate(header):
        wanted = options.columns.get(name, name)
        each = _field_for(shape, wanted) if wanted else None
        if wanted == DEPARTMENT and each is None:
            department = index
        elif wanted and each is None:
            problems.add(
                f"row 1, column {index + 1}", f"the name of a field ({offered}) or a column left out", shown(name)
            )
        elif each is not None and each in fields:
            problems.add(f"row 1, column {index + 1}", f"only one column for {each.key}", shown(name))
        fields.append(each)
    for each in shape.fields:
        if each not in fields and each.key not in options.without:
            problems.add(
                f"column {each.key}", f"a column for {each.label}, or that field left empty on purpose", "none"
            )
        elif each not in fields and each.required:
            problems.add(f"column {each.key}", f"a column for {each.label}, which is required", "none")
    return Mapping(tuple(fields), department)
