"""Keys of one subject each, and the platform's among them."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile

_COLUMNS: list[tuple[str, models.Field[Any, Any]]] = [
    ("id", models.UUIDField(primary_key=True, serialize=False)),
    ("tenant_id", models.UUIDField()),
    ("purpose", models.TextField()),
    ("subject", models.TextField(blank=True)),
    ("wrapped", models.BinaryField()),
    ("kek_version", models.IntegerField()),
    ("uses", models.BigIntegerField(default=0)),
    ("created_at", models.DateTimeField()),
    ("retired_at", models.DateTimeField(null=True)),
    ("destroyed_at", models.DateTimeField(null=True)),
]


class Migration(migrations.Migration):
    """Made by SQL; Django only keeps the picture of it."""

    dependencies = [("keys", "0001_tables")]
    operations = [
        RunSQLFile("safehold.foundation.keys", "002_subjects.sql"),
        migrations.AddField("DataKey", "destroyed_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="PlatformDataKey",
            fields=_COLUMNS,
            options={"db_table": "keys_platform_data_key", "managed": False},
        ),
    ]
