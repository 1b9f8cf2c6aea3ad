"""Django's handle on this room."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["Config"]


class Config(AppConfig):
    """Named so that table names and migrations carry the room's short name."""

    name = "safehold.foundation.tenancy"
    label = "tenancy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the log, which knows tenants by id only, whose they are by name."""
        from safehold.foundation.audit import naming  # noqa: PLC0415 - models have to be loaded first
        from safehold.foundation.tenancy.selectors import tenant_id_of  # noqa: PLC0415 - the same

        naming.connect(tenant_id_of)
