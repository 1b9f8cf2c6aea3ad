"""Rows of this room. The table and its rules are in `sql/`."""

from __future__ import annotations

from django.db import models

__all__ = ["StoredObject"]


class StoredObject(models.Model):
    """One stored file of one tenant: how large it is, what it is for, and its own key, sealed."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.UUIDField()
    id = models.UUIDField()
    kind = models.TextField()
    upload_key = models.TextField()
    size = models.BigIntegerField()
    sha256 = models.BinaryField()
    sealed_key = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        """Made by `sql/001_tables.sql`."""

        managed = False
        db_table = "objects_object"

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
