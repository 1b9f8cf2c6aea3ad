"""Rows of this room. The table and its rules are in `sql/`."""

from __future__ import annotations

from django.db import models

__all__ = ["Destination"]


class Destination(models.Model):
    """Where a tenant, or the platform (the nil id), may send to, and for what. One that has ended takes nothing more.

    `failures` counts those since the last delivery; `trouble` says what the last one was.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.UUIDField()
    id = models.UUIDField()
    purpose = models.TextField()
    scheme = models.TextField()
    host = models.TextField()
    port = models.IntegerField()
    added_by = models.TextField()
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    trouble = models.TextField(default="")

    class Meta:
        """Made by `sql/001_tables.sql`."""

        managed = False
        db_table = "egress_destination"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
