"""What a file's columns might be: types from their values, classes from their names. A person sees the guess first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from safehold.foundation.access.matrix import FieldClass
from safehold.workspace.records.cells import NOTHING, original
from safehold.workspace.records.importing.sheet import Sheet
from safehold.workspace.records.shape import FieldSpec, is_field_key, label_of
from safehold.workspace.records.values import FieldType, Unfit, plain_number, reader

__all__ = ["Column", "columns_of", "field_key", "guess_fields"]

_ENOUGH = 20_000
_SORTED = 6
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name with one of these words makes the class; the closest class wins.
_CLASS_WORDS: Final[dict[FieldClass, frozenset[str]]] = {
    FieldClass.SENSITIVE: _words("salary wage pay ssn passport health diagnosis religion union disability ethnicity"),
    FieldClass.PERSONAL: _words(
        "birth birthday birthdate dob born phone mobile cell telephone tel fax email mail address street gender sex "
        "nationality marital"
    ),
    FieldClass.CONFIDENTIAL: _words("iban bic swift account bank tax vat margin cost"),
}
_PHONE_WORDS = _words("phone mobile cell telephone tel fax")
_NEVER_NUMBER = _PHONE_WORDS | _words("zip postal postcode code extension ext")


@dataclass
class Column:
    """What was seen of a column: its name in the file, and its distinct values as far as they matter."""

    name: str
    filled: int = 0
    longest: int = 0
    distinct: set[str] = field(default_factory=set)
    complete: bool = True

    def add(self, cells: Iterable[str]) -> None:
        """Look at some more cells."""
        values = [original(cell) for cell in cells if cell.strip().lower() not in NOTHING]
        self.filled += len(values)
        self.longest = max(self.longest, max(map(len, values), default=0))
        self.distinct.update(values)

    @property
    def words(self) -> frozenset[str]:
        """The words of its name, in lower case."""
        return frozenset(word.lower() for word in _WORDS.findall(self.name))


def columns_of(sheet: Sheet, cells: Iterable[Sequence[Sequence[str]]]) -> list[Column]:
    """The columns of a sheet, from rows given in chunks; after enough rows the rest is left unread."""
    columns, rows_seen = [Column(name) for name in sheet.header], 0
    for rows in cells:
        for column, column_cells in zip(columns, zip(*rows, strict=True), strict=True):
            column.add(column_cells)
        rows_seen += len(rows)
        if rows_seen >= _ENOUGH:
            break
    for column in columns:
        column.complete = column.filled == rows_seen > 0
    return columns


def field_key(name: str, taken: Iterable[str] = ()) -> str:
    """A key for a column's name: the name itself where it can be one."""
    key = name if is_field_key(name) else "-".join(_SEPARATORS.sub(" ", name).split()).lower()
    if not is_field_key(key):
        key = f"field-{key}"[:60].rstrip("-") if key else "field"
    number, free = 2, key
    while free in set(taken):
        free, number = f"{key}-{number}", number + 1
    return free


def _fits(values: Iterable[str], type_: FieldType) -> bool:
    read = reader(type_)
    try:
        for value in values:
            read(value)
    except Unfit:
        return False
    return True


def _type_of(column: Column) -> FieldType:
    values = column.distinct
    if not values:
        return FieldType.TEXT
    if not column.words & _NEVER_NUMBER and all(plain_number(value) == value.strip() for value in values):
        return FieldType.NUMBER
    if column.words & _PHONE_WORDS and _fits(values, FieldType.PHONE):
        return FieldType.PHONE
    return next((type_ for type_ in (FieldType.DATE, FieldType.EMAIL) if _fits(values, type_)), FieldType.TEXT)


def _class_of(column: Column) -> FieldClass:
    found = (each for each, words in _CLASS_WORDS.items() if words & column.words)
    return next(found, FieldClass.OPEN)


def _is_code(column: Column, *, is_first: bool) -> bool:
    """Whether the first column names each row: it is called an id, code, number or key, and no two rows share it."""
    named = column.words & {"id", "code", "number", "no", "key", "nr", "sku"}
    return is_first and bool(named) and column.complete and len(column.distinct) == column.filled


def _sorts_large_lists(column: Column, type_: FieldType, before: Sequence[FieldSpec]) -> bool:
    """Whether people will sort a hundred thousand records by it: a date, a number, or the name of each record.

    Short lists are sorted by any field. Each index costs time in every import, so the others wait for somebody's wish.
    """
    named = any(spec.type is FieldType.TEXT and not spec.unique and spec.indexed for spec in before)
    names_records = type_ is FieldType.TEXT and not named and 0 < column.longest <= 80
    return type_ in (FieldType.DATE, FieldType.NUMBER) or names_records


def guess_fields(columns: Sequence[Column], targets: Mapping[str, str]) -> tuple[FieldSpec, ...]:
    """A field for each column. `targets` names the collection that a column refers to, where the caller is sure."""
    specs: list[FieldSpec] = []
    slots = _SORTED
    for index, column in enumerate(columns):
        key = field_key(column.name, [spec.key for spec in specs])
        target = targets.get(column.name, "")
        class_ = FieldClass.OPEN if target else _class_of(column)
        unique = not target and _is_code(column, is_first=index == 0)
        type_ = FieldType.REFERENCE if target else _type_of(column)
        is_open = class_ is FieldClass.OPEN
        if is_open:
            indexed = unique or (slots > 0 and _sorts_large_lists(column, type_, specs))
            slots -= indexed
        else:
            indexed = column.longest <= 200 and type_ is not FieldType.DATE
        specs.append(
            FieldSpec(
                key=key,
                type=type_,
                label=label_of(column.name) if key == column.name else column.name,
                field_class=class_,
                required=unique,
                unique=unique,
                indexed=indexed,
                target=target,
            )
        )
    return tuple(specs)
