"""The schema `safehold`: ticket keys, the functions that policies call, and what protects a table."""

from __future__ import annotations

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile

_ROOM = "safehold.foundation.scope"


class Migration(migrations.Migration):
    """The ground that every tenant table stands on."""

    initial = True
    dependencies = ()
    operations = [
        RunSQLFile(_ROOM, "001_schema.sql"),
        RunSQLFile(_ROOM, "002_ticket.sql"),
        RunSQLFile(_ROOM, "003_protect.sql"),
        RunSQLFile(_ROOM, "004_environment.sql"),
    ]
