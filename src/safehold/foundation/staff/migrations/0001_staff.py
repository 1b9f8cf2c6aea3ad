"""The register, the grants, and the door that policies ask at."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile

_ROOM = "safehold.foundation.staff"


class Migration(migrations.Migration):
    """Made by SQL."""

    initial = True
    dependencies = [("scope", "0001_scope"), ("tenancy", "0001_initial"), ("identity", "0001_initial")]
    operations = [RunSQLFile(_ROOM, "001_tables.sql"), RunSQLFile(_ROOM, "002_door.sql")]
