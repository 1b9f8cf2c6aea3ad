"""Runs of the checks and their results."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("scope", "0001_scope")]
    operations = [RunSQLFile("safehold.assurance", "001_runs.sql")]
