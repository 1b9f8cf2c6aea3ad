"""The table of counts."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    """Made by SQL."""

    initial = True
    dependencies = [("scope", "0001_scope"), ("tenancy", "0001_initial")]
    operations = [RunSQLFile("safehold.foundation.usage", "001_tables.sql")]
