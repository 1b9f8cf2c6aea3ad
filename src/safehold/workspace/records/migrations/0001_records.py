"""The tables of this room."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("scope", "0001_scope")]
    operations = [RunSQLFile("safehold.workspace.records", "001_tables.sql")]
