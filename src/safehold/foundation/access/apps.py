"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that table names and migrations carry the room's short name."""

    name = "safehold.foundation.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have `manage check`, and every start, look for pages without a permission."""
        from safehold.foundation.access.checks import every_page_declares  # noqa: PLC0415  (needs the app registry)

        register(every_page_declares, "urls")
