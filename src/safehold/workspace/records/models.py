"""Rows of this room. The tables and their rules are in `sql/`; these classes only read and write them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Value, lookups
from django.db.models.functions import NullIf

__all__ = [
    "LIVE",
    "SEALED_COLUMNS",
    "SLOT_COLUMNS",
    "Collection",
    "Field",
    "Import",
    "Record",
    "Reference",
    "Unique",
    "Version",
    "Word",
]

SLOT_COLUMNS = tuple(f"s{number}" for number in range(1, 9))
SEALED_COLUMNS = ("confidential", "personal", "sensitive")

LIVE = lookups.IsNull(NullIf(lookups.IsNull(F("deleted_at"), True), Value(False)), False)
"""The condition that a record isn't deleted, in words by which the planner expects nearly all to pass.

It keeps no statistics, and would take `deleted_at IS NULL` to hold for one record in two hundred.
"""


class Collection(models.Model):
    """A tenant's table of its own making."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.UUIDField()
    id = models.UUIDField()
    key = models.TextField()
    label = models.TextField()
    singular = models.TextField()
    position = models.IntegerField(default=0)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "records_collection"
        ordering: ClassVar[list[str]] = ["position", "key"]

    def __str__(self) -> str:
        return self.key


class Field(models.Model):
    """One field of a collection."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.UUIDField()
    id = models.UUIDField()
    collection_id = models.UUIDField()
    key = models.TextField()
    label = models.TextField()
    type = models.TextField()
    field_class = models.TextField(db_column="class")
    required = models.BooleanField(default=False)
    unique = models.BooleanField(default=False)
    indexed = models.BooleanField(default=False)
    choices: models.JSONField[list[str]] = models.JSONField(default=list)
    target_id = models.UUIDField(null=True)
    slot = models.SmallIntegerField(null=True)
    position = models.IntegerField(default=0)

    class Meta:
        managed = False
        db_table = "records_field"
        ordering: ClassVar[list[str]] = ["position", "key"]

    def __str__(self) -> str:
        return self.key


class State(models.Model):
    """What a record holds at one version."""

    tenant_id = models.UUIDField()
    department = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    open: models.JSONField[Any] = models.JSONField(default=dict)
    confidential = models.BinaryField(null=True)
    personal = models.BinaryField(null=True)
    sensitive = models.BinaryField(null=True)
    confidential_version = models.IntegerField(default=1)
    personal_version = models.IntegerField(default=1)
    sensitive_version = models.IntegerField(default=1)
    action = models.TextField()
    changed = ArrayField(models.TextField())

    class Meta:
        abstract = True


class Record(State):
    """A record as it is now. `s1` to `s8` are its sort slots."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.UUIDField()
    collection_id = models.UUIDField()
    s1 = models.TextField(null=True)  # noqa: DJ001 - an empty slot isn't in the index; an empty text is
    s2 = models.TextField(null=True)  # noqa: DJ001 - the same
    s3 = models.TextField(null=True)  # noqa: DJ001 - the same
    s4 = models.TextField(null=True)  # noqa: DJ001 - the same
    s5 = models.TextField(null=True)  # noqa: DJ001 - the same
    s6 = models.TextField(null=True)  # noqa: DJ001 - the same
    s7 = models.TextField(null=True)  # noqa: DJ001 - the same
    s8 = models.TextField(null=True)  # noqa: DJ001 - the same
    created_at = models.DateTimeField()
    created_by = models.TextField()
    updated_at = models.DateTimeField()
    updated_by = models.TextField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "records_record"

    def __str__(self) -> str:
        return str(self.id)


class Version(State):
    """A former state of a record."""

    pk = models.CompositePrimaryKey("tenant_id", "record_id", "version")
    record_id = models.UUIDField()
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        managed = False
        db_table = "records_version"

    def __str__(self) -> str:
        return f"{self.record_id} version {self.version}"


class Word(models.Model):
    """Some records that hold a word, or the token of a sealed one."""

    pk = models.CompositePrimaryKey("tenant_id", "collection_id", "word", "department", "id")
    tenant_id = models.UUIDField()
    collection_id = models.UUIDField()
    word = models.TextField()
    department = models.IntegerField()
    id = models.UUIDField()
    records = ArrayField(models.UUIDField())

    class Meta:
        managed = False
        db_table = "records_word"

    def __str__(self) -> str:
        return self.word


class Unique(models.Model):
    """The token of a value that a unique field holds."""

    pk = models.CompositePrimaryKey("tenant_id", "field_id", "token")
    tenant_id = models.UUIDField()
    field_id = models.UUIDField()
    token = models.BigIntegerField()
    record_id = models.UUIDField()
    department = models.IntegerField()

    class Meta:
        managed = False
        db_table = "records_unique"

    def __str__(self) -> str:
        return f"{self.field_id} {self.token}"


class Reference(models.Model):
    """What a record's reference field points to."""

    pk = models.CompositePrimaryKey("tenant_id", "record_id", "field_id")
    tenant_id = models.UUIDField()
    field_id = models.UUIDField()
    record_id = models.UUIDField()
    target_id = models.UUIDField()
    department = models.IntegerField()

    class Meta:
        managed = False
        db_table = "records_reference"

    def __str__(self) -> str:
        return f"{self.record_id} → {self.target_id}"


class Import(models.Model):
    """A file on its way in, and what became of it."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.UUIDField()
    id = models.UUIDField()
    collection_id = models.UUIDField()
    filename = models.TextField()
    state = models.TextField()
    file = models.BinaryField(null=True)
    options: models.JSONField[Any] = models.JSONField(default=dict)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    report = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    created_by = models.TextField()
    account_id = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "records_import"

    def __str__(self) -> str:
        return self.filename


class Setting(models.Model):
    """What a workspace wants of its imports."""

    tenant_id = models.UUIDField(primary_key=True)
    entry_a_row = models.BooleanField()
    changed_at = models.DateTimeField()
    changed_by = models.TextField()

    class Meta:
        managed = False
        db_table = "records_setting"

    def __str__(self) -> str:
        return f"an entry for each imported row: {self.entry_a_row}"
