"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that migrations carry the room's short name; begins to listen when the app is ready."""

    name = "safehold.foundation.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for rights that end."""
        from safehold.foundation.jobs import receivers  # noqa: PLC0415  (models are loaded by now, not before)

        receivers.connect()
