"""Every address of the product as a list: what asks for it needs, and how an address of that form looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver

from safehold.foundation.access.checks import declared_permission, pages
from safehold.foundation.access.matrix import Permission

__all__ = ["Address", "addresses", "fill"]

_PART = re.compile(r"<(?:(?P<kind>[a-z]+):)?(?P<name>\w+)>")
_SAMPLES = {"uuid": "01890000-0000-7000-8000-000000000000", "int": "0", "slug": "sample", "str": "sample"}


@dataclass(frozen=True, slots=True)
class Address:
    """One form of address. `methods` are those of an API's operations; pages decide by themselves."""

    pattern: str
    permission: Permission | None
    methods: tuple[str, ...] = ()

    @property
    def is_api(self) -> bool:
        """Whether programs ask here, rather than people."""
        return bool(self.methods)


def addresses() -> Iterator[Address]:
    """Every address of the URLconf; an address of the API once for each permission that its operations need."""
    for given, view in pages(get_resolver().url_patterns):
        pattern = given.replace("<uuidstr:", "<uuid:")  # the API's name for the same
        operations = _operations(view)
        if not operations:
            yield Address(pattern, declared_permission(view))
        for operation in operations:
            needed = getattr(operation.view_func, "permission", None)
            yield Address(pattern, needed, tuple(operation.methods))


def fill(pattern: str, given: Mapping[str, object] | None = None) -> str:
    """An address of that form, with these values, or samples, in its places."""

    def value(part: re.Match[str]) -> str:
        return str((given or {}).get(part["name"]) or _SAMPLES[part["kind"] or "str"])

    return "/" + _PART.sub(value, pattern)


def _operations(view: Any) -> list[Any]:
    """django-ninja keeps an address's operations in its view's closure."""
    for cell in getattr(view, "__closure__", None) or ():
        if operations := getattr(cell.cell_contents, "operations", None):
            return list(operations)
    return []
