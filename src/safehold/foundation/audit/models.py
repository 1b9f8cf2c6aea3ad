"""The log's tables as Django sees them. What the database makes append-only is read-only here too."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models

__all__ = ["Checkpoint", "Event", "Head", "Hold", "Keeping", "Key", "Leaf", "SealerState", "Tile"]


class ReadOnlyError(TypeError):
    """The log is written by `audit.flows.record` and by the sealer, and by nothing else."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__(self.__doc__)


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise ReadOnlyError


class ReadOnlyQuerySet(models.QuerySet[Any]):
    """A query set that reads."""

    create = bulk_create = get_or_create = update_or_create = _refuse
    update = bulk_update = delete = _refuse
    acreate = abulk_create = aget_or_create = aupdate_or_create = _refuse
    aupdate = abulk_update = adelete = _refuse


class ReadOnly(models.Model):
    """A row that can be read and never written through Django."""

    objects = ReadOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    save = save_base = delete = _refuse
    asave = adelete = _refuse


class Event(ReadOnly):
    """One event: the canonical bytes that are hashed, the columns pages filter by, and the sealed personal values."""

    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    at = models.DateTimeField()
    type = models.TextField()
    actor = models.TextField()
    target = models.TextField(blank=True)
    body = models.BinaryField()
    digest = models.BinaryField()
    personal = models.BinaryField(null=True)
    place = models.SmallIntegerField(db_column="class")

    class Meta:
        managed = False
        db_table = "audit_event"
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class Leaf(ReadOnly):
    """The place that the sealer gave an event: a dense index, and the rolling chain up to it."""

    event_id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    index = models.BigIntegerField()
    digest = models.BinaryField()
    chain = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_leaf"

    def __str__(self) -> str:
        return f"{self.tenant_id}/{self.index}"


class Tile(ReadOnly):
    """256 hashes of one level of a log's tree."""

    pk = models.CompositePrimaryKey("tenant_id", "level", "index")
    tenant_id = models.UUIDField()
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_tile"

    def __str__(self) -> str:
        return f"{self.tenant_id}/{self.level}/{self.index}"


class Head(ReadOnly):
    """How far a log is sealed. Only the sealer moves it."""

    tenant_id = models.UUIDField(primary_key=True)
    origin = models.TextField()
    size = models.BigIntegerField()
    chain = models.BinaryField()
    frontier = models.BinaryField()
    root = models.BinaryField()
    note = models.BinaryField(null=True)
    checked_size = models.BigIntegerField()
    checked_at = models.DateTimeField()
    told_size = models.BigIntegerField()
    told_at = models.DateTimeField()
    trouble = models.TextField(blank=True)
    sealed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_log"

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class Checkpoint(ReadOnly):
    """A signed head: `note` is the C2SP signed note, byte for byte."""

    pk = models.CompositePrimaryKey("tenant_id", "size")
    tenant_id = models.UUIDField()
    size = models.BigIntegerField()
    at = models.DateTimeField()
    root = models.BinaryField()
    note = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_checkpoint"

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.size}"


class Key(ReadOnly):
    """A public key that has signed checkpoints, in the C2SP form."""

    key = models.TextField(primary_key=True)
    since = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_key"

    def __str__(self) -> str:
        return self.key


class SealerState(ReadOnly):
    """The sealer's last pass, and since when the oldest event waits for its place."""

    only_row = models.BooleanField(primary_key=True)
    at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "audit_sealer_state"

    def __str__(self) -> str:
        return f"sealed at {self.at}"


class Keeping(models.Model):
    """For how many years a log is kept, by its tenant's plan. The platform says so, through `audit.flows.keep_log`."""

    tenant_id = models.UUIDField(primary_key=True)
    years = models.SmallIntegerField()
    plan = models.TextField()

    class Meta:
        managed = False
        db_table = "audit_keeping"

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.years} years"


class Hold(models.Model):
    """A legal hold on a log, or on what is by or about one `subject` in it."""

    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    subject = models.TextField(blank=True)
    reason = models.TextField()
    placed_by = models.TextField()
    placed_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "audit_hold"

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.subject or 'everything'}"
