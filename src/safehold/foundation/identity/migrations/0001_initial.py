"""Accounts, sessions, tokens, invitations, counters of tries."""

from __future__ import annotations

from django.db import migrations, models

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """The tables, and as much of the account's model as allauth's migrations need to refer to it."""

    initial = True

    dependencies = [("scope", "0001_scope"), ("tenancy", "0001_initial")]

    operations = [
        RunSQLFile("safehold.foundation.identity", "001_tables.sql"),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, unique=True)),
            ],
            options={"db_table": "identity_account", "managed": False},
        ),
    ]
