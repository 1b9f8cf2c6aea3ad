"""Letting a file design a collection: its columns become fields, guessed from their names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from safehold.foundation.access.matrix import FieldClass, Permission
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Invalid, Problem
from safehold.workspace.records import selectors
from safehold.workspace.records.conf import SLOTS
from safehold.workspace.records.flows.collections import create_collection
from safehold.workspace.records.importing.guess import Column, columns_of, field_key, guess_fields
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.importing.sheet import Problems
from safehold.workspace.records.shape import FieldSpec, Shape
from safehold.workspace.records.values import FieldType

__all__ = ["Wishes", "design_collection", "guessed_fields"]

_CHUNK = 4_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody knows better than the guess, by names of columns."""

    classes: Mapping[str, FieldClass] = field(default_factory=dict)
    unique: frozenset[str] = frozenset()
    references: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


def guessed_fields(
    *, scope: Scope, data: bytes, options: ImportOptions | None = None, wishes: Wishes | None = None
) -> tuple[FieldSpec, ...]:
    """A field for each column of a file, to be looked at before a collection is made of them.

    A column refers to another collection where it is called as that one's code and each of its values is one of them.
    """
    scope.require(Permission.COLLECTIONS_MANAGE)
    wishes, problems = wishes or Wishes(), Problems()
    sheet = (options or ImportOptions()).sheet(data)
    columns = columns_of(sheet, (chunk.rows for chunk in sheet.chunks(_CHUNK, problems)))
    problems.refuse()
    _refuse_unknown(wishes, columns)
    columns = [column for column in columns if column.name not in wishes.ignored]
    guessed = guess_fields(columns, _targets(scope, columns))
    return _within_slots([_wished(spec, column.name, wishes) for spec, column in zip(guessed, columns, strict=True)])


def design_collection(*, scope: Scope, label: str, data: bytes, key: str = "") -> Shape:
    """Make a collection with a field for each column of a file. None of its rows is stored."""
    fields = guessed_fields(scope=scope, data=data)
    return create_collection(scope=scope, key=key or field_key(label).lower(), label=label, fields=fields)


def _targets(scope: Scope, columns: Sequence[Column]) -> dict[str, str]:
    codes = {
        shape.code_field.key.casefold(): shape for shape in selectors.collections(scope) if shape.code_field is not None
    }
    found = {}
    for column in columns:
        shape = codes.get(column.name.casefold())
        if shape and column.distinct and set(selectors.codes_of(scope, shape.id, column.distinct)) == column.distinct:
            found[column.name] = shape.key
    return found


def _refuse_unknown(wishes: Wishes, columns: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    asked = [*wishes.classes, *wishes.unique, *wishes.references, *wishes.ignored]
    expected = f"one of the columns {', '.join(names)}"
    problems = tuple(Problem("column", expected, name[:60]) for name in dict.fromkeys(asked) if name not in names)
    if problems:
        raise Invalid("The file has no such column.", problems=problems)


def _wished(spec: FieldSpec, name: str, wishes: Wishes) -> FieldSpec:
    """The guess, corrected by what somebody knows."""
    if name in wishes.references:
        return FieldSpec(spec.key, FieldType.REFERENCE, spec.label, target=wishes.references[name])
    if name in wishes.unique:
        type_ = FieldType.TEXT if spec.type is FieldType.REFERENCE else spec.type
        spec = replace(spec, unique=True, required=True, type=type_, target="")
    return replace(spec, field_class=wishes.classes.get(name, spec.field_class))


def _within_slots(specs: Sequence[FieldSpec]) -> tuple[FieldSpec, ...]:
    """Only so many open fields can be kept sorted: the last ones go without."""
    kept, left = [], SLOTS
    for spec in specs:
        sorts = spec.indexed and spec.field_class is FieldClass.OPEN and spec.type is not FieldType.REFERENCE
        kept.append(replace(spec, indexed=spec.indexed and not (sorts and left == 0)))
        left -= sorts and left > 0
    return tuple(kept)
