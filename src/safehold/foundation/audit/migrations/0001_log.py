"""The log's tables, the rule that they only grow, and who may read and add what."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile

_ROOM = "safehold.foundation.audit"


class Migration(migrations.Migration):
    """Tables that Django reads and doesn't manage."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = [("scope", "0001_scope")]
    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        RunSQLFile(_ROOM, "001_append_only.sql"),
        RunSQLFile(_ROOM, "002_tables.sql"),
        RunSQLFile(_ROOM, "003_rights.sql"),
    ]
