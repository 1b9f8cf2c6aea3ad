"""The tenants' data keys, wrapped. The platform's own live in the key store: see docs/decisions/platform-keys.md."""

from __future__ import annotations

from django.db import models

__all__ = ["DataKey", "PlatformDataKey"]


class _Key(models.Model):
    """One data key, wrapped. Useless without the key store.

    One key for each purpose and subject is active, the one without `retired_at`: it seals. The retired ones go on
    opening what they sealed. `uses` is an estimate: each process reports what it has sealed a few minutes later. Of a
    destroyed key only the row is left: `wrapped` is empty.
    """

    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    purpose = models.TextField()
    subject = models.TextField(blank=True)
    wrapped = models.BinaryField()
    kek_version = models.IntegerField()
    uses = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        """What both tables have."""

        abstract = True

    def __str__(self) -> str:
        return f"{self.purpose} key {self.id}"


class DataKey(_Key):
    """A data key of a tenant, wrapped under the tenant's key."""

    class Meta:
        """Made by `sql/001_tables.sql`."""

        managed = False
        db_table = "keys_data_key"


class PlatformDataKey(_Key):
    """A data key of the platform's for one subject, wrapped under the platform's key. `tenant_id` is always nil."""

    class Meta:
        """Made by `sql/002_subjects.sql`."""

        managed = False
        db_table = "keys_platform_data_key"
