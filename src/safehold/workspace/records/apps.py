"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that table names and migrations carry the room's short name."""

    name = "safehold.workspace.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what happens to members and accounts."""
        from safehold.workspace.records import receivers  # noqa: PLC0415 - once all rows are known

        receivers.connect()
