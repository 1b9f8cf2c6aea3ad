"""Guests: who is let in for one purpose and a time."""

from __future__ import annotations

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL."""

    dependencies = [("tenancy", "0001_initial"), ("audit", "0001_log"), ("keys", "0002_subjects")]
    operations = [
        RunSQLFile("safehold.foundation.tenancy", "002_guests.sql"),
        migrations.CreateModel(
            name="Guest",
            fields=[("id", models.UUIDField(primary_key=True, serialize=False))],
            options={"db_table": "tenancy_guest", "managed": False},
        ),
    ]
