"""What a workspace's start page shows. Each app lists its panels in `panels.py`; the start page knows no app."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.module_loading import module_has_submodule
from django.utils.safestring import SafeString

__all__ = ["Panel", "drawn"]


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its template, what loads its content for a request, and the permission one needs to see it."""

    template: str
    load: Callable[[HttpRequest], Mapping[str, Any]]
    permission: str
    order: int = 100


def drawn(request: HttpRequest) -> list[SafeString]:
    """The panels that this visitor may see, in order."""
    scope = getattr(request, "scope", None)
    if scope is None:
        return []
    panels = sorted((panel for panel in _all() if scope.can(panel.permission)), key=lambda panel: panel.order)
    return [render_to_string(panel.template, dict(panel.load(request)), request) for panel in panels]


def _all() -> Iterator[Panel]:
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "panels"):
            yield from getattr(import_module(f"{config.name}.panels"), "PANELS", ())  # this module is one too
