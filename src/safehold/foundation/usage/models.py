"""What this room stores. The table is made by `sql/`; Django only reads its rows."""

from __future__ import annotations

from django.db import models

__all__ = ["Count"]


class Count(models.Model):
    """How often one kind of page or action was asked for on one day."""

    pk = models.CompositePrimaryKey("tenant_id", "day", "route")
    tenant_id = models.UUIDField()
    day = models.DateField()
    route = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "usage_count"

    def __str__(self) -> str:
        return f"{self.day} {self.route}: {self.count}"
