"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["Config"]


class Config(AppConfig):
    """The demo holds no tables: it fills other rooms' through their flows."""

    name = "safehold.workspace.demo"
    label = "demo"
