"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that table names and migrations carry the room's short name."""

    name = "safehold.foundation.streams"
    label = "streams"
    default_auto_field = "django.db.models.BigAutoField"
