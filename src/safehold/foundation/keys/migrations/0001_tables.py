"""The table of wrapped data keys."""

from __future__ import annotations

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL; Django only keeps the picture of it."""

    initial = True
    dependencies = [("scope", "0001_scope")]
    operations = [
        RunSQLFile("safehold.foundation.keys", "001_tables.sql"),
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("tenant_id", models.UUIDField()),
                ("purpose", models.TextField()),
                ("subject", models.TextField(blank=True)),
                ("wrapped", models.BinaryField()),
                ("kek_version", models.IntegerField()),
                ("uses", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "keys_data_key", "managed": False},
        ),
    ]
