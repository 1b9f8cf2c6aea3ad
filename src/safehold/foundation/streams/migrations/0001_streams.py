"""Streams."""

from __future__ import annotations

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL; Django only keeps the picture of it."""

    initial = True
    dependencies = [("scope", "0001_scope"), ("egress", "0001_destinations"), ("audit", "0001_log")]
    operations = [
        RunSQLFile("safehold.foundation.streams", "001_tables.sql"),
        migrations.CreateModel(
            name="Stream",
            fields=[("id", models.UUIDField(primary_key=True, serialize=False))],
            options={"db_table": "streams_stream", "managed": False},
        ),
    ]
