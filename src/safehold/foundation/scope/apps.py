"""Django's handle on this room."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that table names and migrations carry the room's short name."""

    name = "safehold.foundation.scope"
    label = "scope"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """After every migration the database learns this installation's ticket key."""
        post_migrate.connect(_install_ticket_key, sender=self)


def _install_ticket_key(*, using: str, **_: Any) -> None:
    from safehold.foundation.scope.boot import install_ticket_key  # noqa: PLC0415  (needs settings)

    install_ticket_key(using)
