"""The tenants' data keys, wrapped. The platform's own live in the key store: see docs/decisions/platform-keys.md."""

from __future__ import annotations

from django.db import models

__all__ = ["DataKey"]


class DataKey(models.Model):
    """One data key of one tenant, wrapped under the tenant's key. Useless without the key store.

    One key for each purpose and subject is active, the one without `retired_at`: it seals. The retired ones go on
    opening what they sealed. `uses` is an estimate: each process reports what it has sealed a few minutes later.
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

    class Meta:
        """Made by `sql/001_tables.sql`."""

        managed = False
        db_table = "keys_data_key"

    def __str__(self) -> str:
        return f"{self.purpose} key {self.id}"
