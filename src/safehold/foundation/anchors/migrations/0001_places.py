"""Who holds heads, and their receipts."""

from __future__ import annotations

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile


def _key(*columns: str) -> tuple[str, models.CompositePrimaryKey]:
    made = models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)
    return "pk", made


class Migration(migrations.Migration):
    """Made by SQL; Django only keeps the picture of it."""

    initial = True
    dependencies = [("egress", "0001_destinations"), ("audit", "0001_log")]
    operations = [
        RunSQLFile("safehold.foundation.anchors", "001_tables.sql"),
        migrations.CreateModel(
            name="Place",
            fields=[
                _key("tenant_id", "id"),
                ("tenant_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("kind", models.TextField()),
                ("destination_id", models.UUIDField(null=True)),
                ("sealed", models.BinaryField()),
                ("added_by", models.TextField()),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("size", models.BigIntegerField(default=0)),
                ("held_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("failures", models.IntegerField(default=0)),
                ("trouble", models.TextField(default="")),
                ("contradiction", models.TextField(default="")),
            ],
            options={"db_table": "anchors_place", "managed": False},
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                _key("tenant_id", "place_id", "size"),
                ("tenant_id", models.UUIDField()),
                ("place_id", models.UUIDField()),
                ("size", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("note", models.BinaryField()),
                ("receipt", models.BinaryField()),
            ],
            options={"db_table": "anchors_receipt", "managed": False},
        ),
    ]
