"""Names for references such as "member:<id>" or "record:<id>", as one visitor may see them.

Each app says in its `names.py` how the kinds of thing it owns are called and where their pages are; the activity page
and histories ask here and know no app.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

from django.apps import apps
from django.http import HttpRequest
from django.utils.module_loading import module_has_submodule

__all__ = ["Named", "Resolver", "named"]


@dataclass(frozen=True, slots=True)
class Named:
    """What something is called, and its page's address if it has one."""

    label: str
    url: str = ""


Resolver = Callable[[HttpRequest, list[UUID]], Mapping[UUID, Named]]
"""Finds the names of things of one kind by their ids; what this visitor may not see is left out."""


def named(request: HttpRequest, references: Iterable[str]) -> dict[str, Named]:
    """A name for every reference; one that can't be resolved is called by its kind and the end of its id."""
    wanted = {reference for reference in references if reference}
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    for reference in wanted:
        kind, _, text = reference.partition(":")
        if (found := _as_id(text)) is not None:
            by_kind[kind].append(found)
    resolvers = _resolvers()
    found_names = {
        f"{kind}:{key}": name
        for kind, ids in by_kind.items()
        if kind in resolvers
        for key, name in resolvers[kind](request, ids).items()
    }
    return {reference: found_names.get(reference) or Named(_plain(reference)) for reference in wanted}


def _resolvers() -> dict[str, Resolver]:
    found: dict[str, Resolver] = {}
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "names"):
            found.update(getattr(import_module(f"{config.name}.names"), "NAMES", {}))  # this module is one too
    return found


def _plain(reference: str) -> str:
    kind, _, rest = reference.partition(":")
    if kind == "system":
        return f"Safehold ({rest})" if rest else "Safehold"
    words = kind.replace("-", " ").capitalize()
    return f"{words} …{rest[-6:]}" if rest else words


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
