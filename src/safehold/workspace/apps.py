"""Django's handle on this floor."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["Config"]


class Config(AppConfig):
    """The floor itself holds no tables: its rooms do."""

    name = "safehold.workspace"
    label = "workspace"
