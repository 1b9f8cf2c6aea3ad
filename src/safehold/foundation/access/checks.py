"""The system check that no page is without a declared permission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver

from safehold.foundation.access.matrix import Permission

__all__ = ["declared_elsewhere", "declared_permission", "every_page_declares", "pages"]


def every_page_declares(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """`safehold.access.E001` for each address whose view says nothing about who may come."""
    return [
        Error(
            f"The page /{address} declares no permission.",
            hint="Put @page(Permission.X) or @public on its view, or name a view of another package in VIEWS of a "
            "room's permissions.py.",
            obj=name_of(view),
            id="safehold.access.E001",
        )
        for address, view in pages(get_resolver().url_patterns)
        if declared_permission(view) is None
    ]


def pages(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, Any]]:
    """Every address of the URLconf with its view."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


def declared_permission(view: Any) -> Permission | None:
    """What a view declares: by its own mark, by its class's, or in a room's list; None where nobody has said."""
    for candidate in (view, getattr(view, "view_class", None)):
        if isinstance(found := getattr(candidate, "permission", None), Permission):
            return found
    return declared_elsewhere().get(name_of(view)) or _of_operations(view)


def declared_elsewhere() -> dict[str, Permission]:
    """Views of other packages by dotted name, from `VIEWS` in the rooms' `permissions.py`."""
    found: dict[str, Permission] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.permissions"
        if config.name.startswith("safehold.") and find_spec(name) is not None:
            found.update(getattr(import_module(name), "VIEWS", {}))
    return found


def name_of(view: Any) -> str:
    """The dotted name of a view."""
    return f"{getattr(view, '__module__', '?')}.{getattr(view, '__qualname__', repr(view))}"


def _of_operations(view: Any) -> Permission | None:
    """An API address stands for several operations, one a method: it is declared when each of them is.

    django-ninja hides them in its view's closure, which holds the PathView; what the API itself serves (its OpenAPI
    document) has none.
    """
    for cell in getattr(view, "__closure__", None) or ():
        operations = getattr(cell.cell_contents, "operations", None)
        if operations:
            declared = [getattr(operation.view_func, "permission", None) for operation in operations]
            return declared[0] if all(isinstance(each, Permission) for each in declared) else None
    return None
