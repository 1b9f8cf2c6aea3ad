"""What the side navigation offers. Each app lists its own entries in `navigation.py`; nothing here knows an app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import module_has_submodule

__all__ = ["NavItem", "Shown", "entries", "shown"]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: its words, icon, the route's name and the permission one needs to be offered it.

    `place` is "tenant" or "account"; `group` is the heading it stands under; `order` sorts within the place. `prefix`
    (one or several) makes the entry current on every page whose route name begins with it.
    """

    label: str
    icon: str
    route: str
    permission: str
    place: str = "tenant"
    group: str = ""
    order: int = 100
    prefix: str | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as one visitor sees it."""

    label: str
    icon: str
    url: str
    group: str
    current: bool


def entries() -> Iterator[NavItem]:
    """Every entry that an installed app lists as `NAVIGATION` in its module `navigation`."""
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "navigation"):
            module = import_module(f"{config.name}.navigation")
            yield from getattr(module, "NAVIGATION", ())


def shown(request: HttpRequest, place: str) -> list[Shown]:
    """The entries of a place that this visitor may use, in order."""
    scope = getattr(request, "scope", None)
    found = (item for item in entries() if item.place == place)
    return list(_shown(request, (item for item in found if _allowed(scope, item.permission))))


def _allowed(scope: object, permission: str) -> bool:
    can = getattr(scope, "can", None)
    return permission == "signed-in" or bool(can and can(permission))


def _shown(request: HttpRequest, items: Iterable[NavItem]) -> Iterator[Shown]:
    match = request.resolver_match
    route = (match.url_name if match else "") or ""
    slug = match.kwargs.get("slug") if match else None
    for item in sorted(items, key=lambda item: item.order):
        try:
            url = reverse(item.route, kwargs={"slug": slug} if item.place == "tenant" and slug else None)
        except NoReverseMatch:
            continue  # the app is installed without its pages: offer nothing that leads nowhere
        current = route == item.route or bool(item.prefix and route.startswith(item.prefix))
        yield Shown(item.label, item.icon, url, item.group, current)
