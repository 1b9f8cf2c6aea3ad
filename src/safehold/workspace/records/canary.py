"""What is planted in the canary tenants, so that a leak anywhere can be looked for by value.

Each canary tenant has a collection with one field of every sealed class, and a record in each of two departments,
edited once so that the history holds planted values too.
"""

from __future__ import annotations

from typing import Final

from safehold.foundation.access.matrix import FieldClass
from safehold.foundation.keys import canaries
from safehold.workspace.records.shape import SEALED, FieldSpec

__all__ = ["COLLECTION", "FIELDS", "FORMER", "LABELS", "MARKS", "planted"]

COLLECTION: Final = "canary"
MARKS: Final = {0: "general", 1: "second"}
"""The code of the record in each department."""

FORMER: Final = "former"
"""What stands before the planted value in a record's first version."""

LABELS: Final[dict[FieldClass, str]] = {each: canaries.declare(f"records/{each.value}") for each in SEALED}
"""The label of what is planted in each class."""

FIELDS: Final = (
    FieldSpec("code", label="Code", required=True, unique=True, indexed=True),
    FieldSpec("remark", label="Remark", indexed=True),
    *(FieldSpec(each.value, label=each.value.capitalize(), field_class=each, indexed=True) for each in SEALED),
)


def planted(field_class: FieldClass) -> str:
    """The value that is planted in the field of a class."""
    return canaries.phrase(LABELS[field_class])
