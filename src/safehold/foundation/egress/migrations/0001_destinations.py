"""The register of destinations."""

from __future__ import annotations

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL; Django only keeps the picture of it."""

    initial = True
    dependencies = [("scope", "0001_scope")]
    operations = [
        RunSQLFile("safehold.foundation.egress", "001_tables.sql"),
        migrations.CreateModel(
            name="Destination",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("purpose", models.TextField()),
                ("scheme", models.TextField()),
                ("host", models.TextField()),
                ("port", models.IntegerField()),
                ("added_by", models.TextField()),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("failures", models.IntegerField(default=0)),
                ("trouble", models.TextField(default="")),
            ],
            options={"db_table": "egress_destination", "managed": False},
        ),
    ]
