"""Letting a file design a collection: its columns become fields, guessed from their names and values."""

from __future__ import annotations

from collections.abc import Sequence

from safehold.foundation.access.matrix import Permission
from safehold.foundation.scope.scope import Scope
from safehold.workspace.records import selectors
from safehold.workspace.records.flows.collections import create_collection
from safehold.workspace.records.importing.guess import Column, columns_of, field_key, guess_fields
from safehold.workspace.records.importing.sheet import Problems, Sheet
from safehold.workspace.records.shape import Shape

__all__ = ["design_collection"]

_CHUNK = 4_000


def design_collection(*, scope: Scope, label: str, data: bytes, key: str = "") -> Shape:
    """Make a collection with a field for each column of a file. None of its rows is stored.

    A column refers to another collection where it is called as that one's code and each of its values is one of them.
    """
    scope.require(Permission.COLLECTIONS_MANAGE)
    sheet, problems = Sheet(data), Problems()
    columns = columns_of(sheet, (chunk.rows for chunk in sheet.chunks(_CHUNK, problems)))
    problems.refuse()
    fields = guess_fields(columns, _targets(scope, columns))
    return create_collection(scope=scope, key=key or field_key(label).lower(), label=label, fields=fields)


def _targets(scope: Scope, columns: Sequence[Column]) -> dict[str, str]:
    codes = {
        shape.code_field.key.casefold(): shape for shape in selectors.collections(scope) if shape.code_field is not None
    }
    found = {}
    for column in columns[1:]:
        shape = codes.get(column.name.casefold())
        if shape and column.distinct and set(selectors.codes_of(scope, shape.id, column.distinct)) == column.distinct:
            found[column.name] = shape.key
    return found
