"""What this room stores. The table is made by `sql/`; Django only reads and writes its rows."""

from __future__ import annotations

from django.db import models

__all__ = ["Stream"]


class Stream(models.Model):
    """Where a log is sent on to. `next_index` is the place that is sent next, `trouble` what the last failure was."""

    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    name = models.TextField()
    kind = models.TextField()
    host = models.TextField()
    destination_id = models.UUIDField()
    personal = models.BooleanField()
    sealed = models.BinaryField()
    next_index = models.BigIntegerField()
    sent = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.TextField()
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    trouble = models.TextField(default="")
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "streams_stream"
        managed = False

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """What its events stand under."""
        return f"stream:{self.id}"

    @property
    def state(self) -> str:
        """Where it stands: active, paused, ended, or failing."""
        if self.ended_at:
            return "ended"
        if self.paused_at:
            return "paused"
        return "failing" if self.failures else "active"
