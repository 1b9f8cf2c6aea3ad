"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that table names and migrations carry the room's short name."""

    name = "safehold.foundation.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what happens in the rooms below and in allauth."""
        from safehold.foundation.identity import checks, receivers  # noqa: PLC0415 - once all rows are known

        register(checks.the_chosen_hash_is_there)
        receivers.connect()
