"""The ui app."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["UiConfig"]


class UiConfig(AppConfig):
    """Registers the elements' templates, tags and static files with Django."""

    name = "safehold.ui"
    label = "ui"
    verbose_name = "Design elements"
