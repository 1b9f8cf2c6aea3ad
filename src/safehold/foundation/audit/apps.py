"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that table names and migrations carry the room's short name."""

    name = "safehold.foundation.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take the events of the rooms below, which can't call this one."""
        from safehold.foundation.audit.flows import record  # noqa: PLC0415 - every room has to be loaded first
        from safehold.foundation.keys import recording  # noqa: PLC0415 - the same

        recording.connect(record)
