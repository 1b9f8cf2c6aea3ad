"""The shape of a collection: its fields, as everything in this room reads them. No rows, no Django."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final
from uuid import UUID

from safehold.foundation.access.matrix import FieldClass
from safehold.workspace.records.values import FieldType

__all__ = ["RESERVED", "SEALED", "FieldShape", "FieldSpec", "Shape", "is_collection_key", "is_field_key", "label_of"]

SEALED: Final = (FieldClass.CONFIDENTIAL, FieldClass.PERSONAL, FieldClass.SENSITIVE)
"""The classes whose values are sealed: one sealed blob a class and record."""

RESERVED: Final = frozenset(
    {"q", "sort", "after", "limit", "format", "columns", "page", "version", "department", "deleted"}
)
"""Words that mean something in a list's address or a record's form, so no field may be called so."""

_COLLECTION_KEY = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_FIELD_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-_]+")


def is_collection_key(key: str) -> bool:
    """Whether a collection may be called so in addresses: lower case letters, digits, single hyphens."""
    return len(key) <= 60 and _COLLECTION_KEY.fullmatch(key) is not None


def is_field_key(key: str) -> bool:
    """Whether a field may be called so: letters, digits, single hyphens or underscores, no word that lists reserve."""
    return len(key) <= 60 and key.lower() not in RESERVED and _FIELD_KEY.fullmatch(key) is not None


def label_of(key: str) -> str:
    """Words for a key: "titleOfCourtesy" is "Title of courtesy", "employeeID" is "Employee ID"."""
    words = _HUMPS.sub(" ", key).split()
    spoken = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    text = " ".join(spoken)
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What somebody asks of a field when making or changing it. `target` is a collection's key, for references."""

    key: str
    type: FieldType = FieldType.TEXT
    label: str = ""
    field_class: FieldClass = FieldClass.OPEN
    required: bool = False
    unique: bool = False
    indexed: bool = False
    choices: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field as it is. `slot` is the number of its sort column, for open fields that can be sorted."""

    id: UUID
    key: str
    label: str
    type: FieldType
    field_class: FieldClass
    required: bool = False
    unique: bool = False
    indexed: bool = False
    choices: tuple[str, ...] = ()
    target_id: UUID | None = None
    slot: int | None = None
    position: int = 0

    @property
    def is_open(self) -> bool:
        """Whether its values lie open in the database."""
        return self.field_class is FieldClass.OPEN

    @property
    def is_searched(self) -> bool:
        """Whether its words are found by search: open text always, sealed text where it is indexed."""
        if self.type in (FieldType.REFERENCE, FieldType.DATE):
            return False
        return self.type is not FieldType.NUMBER or self.unique if self.is_open else self.indexed


@dataclass(frozen=True)
class Shape:
    """A collection with the fields that somebody may see; `whole` knows them all."""

    id: UUID
    tenant_id: UUID
    key: str
    label: str
    singular: str
    fields: tuple[FieldShape, ...] = ()
    archived: bool = False
    _by_key: dict[str, FieldShape] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_key.update({each.key: each for each in self.fields})

    def find(self, key: str) -> FieldShape | None:
        """The field of that key."""
        return self._by_key.get(key)

    def readable(self, classes: Iterable[FieldClass]) -> Shape:
        """The same collection without the fields of other classes: for whoever may not see them, they aren't there."""
        may_see = frozenset(classes)
        return replace(self, fields=tuple(each for each in self.fields if each.field_class in may_see))

    def of_class(self, field_class: FieldClass) -> tuple[FieldShape, ...]:
        """Its fields of one class."""
        return tuple(each for each in self.fields if each.field_class is field_class)

    @cached_property
    def of_class_open(self) -> tuple[FieldShape, ...]:
        """Its open fields."""
        return self.of_class(FieldClass.OPEN)

    @cached_property
    def sealed_classes(self) -> tuple[FieldClass, ...]:
        """The sealed classes that it has fields of."""
        return tuple(each for each in SEALED if self.of_class(each))

    @cached_property
    def title_field(self) -> FieldShape | None:
        """The field that names a record to people: its first open text that isn't a code, or its first open field."""
        plain = [each for each in self.fields if each.is_open and each.type is not FieldType.REFERENCE]
        named = [each for each in plain if each.type is FieldType.TEXT and not each.unique]
        return next(iter(named or plain), None)

    @cached_property
    def code_field(self) -> FieldShape | None:
        """The field that others refer to it by, in files and addresses: its first unique one, open before sealed."""
        unique = [each for each in self.fields if each.unique]
        return next((each for each in unique if each.is_open), next(iter(unique), None))
