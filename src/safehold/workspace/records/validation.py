"""What people typed into a record's fields, checked and brought to the stored form, for pages, API and CLI alike."""

from __future__ import annotations

from collections.abc import Mapping

from safehold.kernel.errors import Problem
from safehold.workspace.records.errors import InvalidRecord
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.values import Unfit, reader

__all__ = ["Given", "checked", "required_problem"]

Given = dict[str, str | None]
"""Values by field; None empties a field."""


def required_problem(each: FieldShape) -> Problem:
    """What a message says of a required field with nothing in it."""
    return Problem(each.key, f"something in {each.label}", "nothing")


def _read(each: FieldShape, text: str | None, problems: list[Problem]) -> str | None:
    if text is None or not text.strip():
        if each.required:
            problems.append(required_problem(each))
        return None
    try:
        return reader(each.type, each.choices)(text)
    except Unfit as unfit:
        problems.append(Problem(each.key, unfit.expected, text[:40] if each.is_open else ""))
        return None


def checked(shape: Shape, given: Mapping[str, str | None], *, creating: bool) -> Given:
    """The given values in their stored form; `shape` shows what the giver may write. Raises `InvalidRecord`.

    A new record needs something in every required field that the giver may write, and something at all.
    """
    problems: list[Problem] = []
    values: Given = {}
    for key, text in given.items():
        if (each := shape.find(key)) is None:
            known = ", ".join(each.key for each in shape.fields)
            problems.append(Problem(key[:60], f"one of the fields {known}"))
        else:
            values[key] = _read(each, text, problems)
    if creating:
        missing = [each for each in shape.fields if each.required and each.key not in given]
        problems += map(required_problem, missing)
        if not problems and not any(values.values()):
            problems.append(Problem(shape.key, "something in at least one field", "nothing"))
    if problems:
        raise InvalidRecord("Some values can't be taken as they are.", problems=tuple(problems))
    return values
