"""Rows of this room. The tables and their rules are in `sql/`."""

from __future__ import annotations

from django.db import models

__all__ = ["Place", "Receipt"]


class Place(models.Model):
    """Somebody who is given heads of a log, and how that goes.

    `sealed` is a JSON object under the log's own key: what only the sending needs, such as a path, a secret or an
    address. `size` is that of the newest head they hold; `contradiction` says what they hold against us.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.UUIDField()
    id = models.UUIDField()
    kind = models.TextField()
    destination_id = models.UUIDField(null=True)
    sealed = models.BinaryField()
    added_by = models.TextField()
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(default=0)
    held_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    trouble = models.TextField(default="")
    contradiction = models.TextField(default="")

    class Meta:
        """Made by `sql/001_tables.sql`."""

        managed = False
        db_table = "anchors_place"

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Receipt(models.Model):
    """What a place gave back for a head: a cosignature, a time stamp, or nothing but its word that it has it."""

    pk = models.CompositePrimaryKey("tenant_id", "place_id", "size")
    tenant_id = models.UUIDField()
    place_id = models.UUIDField()
    size = models.BigIntegerField()
    at = models.DateTimeField()
    note = models.BinaryField()
    receipt = models.BinaryField()

    class Meta:
        """Made by `sql/001_tables.sql`."""

        managed = False
        db_table = "anchors_receipt"

    def __str__(self) -> str:
        return f"{self.place_id} at {self.size}"
