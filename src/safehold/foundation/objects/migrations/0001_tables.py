"""The table of stored files."""

from __future__ import annotations

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL; Django only keeps the picture of it."""

    initial = True
    dependencies = [("scope", "0001_scope")]
    operations = [
        RunSQLFile("safehold.foundation.objects", "001_tables.sql"),
        migrations.CreateModel(
            name="StoredObject",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("kind", models.TextField()),
                ("upload_key", models.TextField()),
                ("size", models.BigIntegerField()),
                ("sha256", models.BinaryField()),
                ("sealed_key", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
            options={"db_table": "objects_object", "managed": False},
        ),
    ]
