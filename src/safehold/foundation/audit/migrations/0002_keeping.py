"""How long logs are kept: events in parts by class and month, legal holds, and what each log's plan says."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from safehold.foundation.scope.migrations_support import RunSQLFile

_ROOM = "safehold.foundation.audit"


class Migration(migrations.Migration):
    """Moves the events of a home that was made before there were parts."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0001_log")]
    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        RunSQLFile(_ROOM, "004_keeping.sql"),
        RunSQLFile(_ROOM, "005_events.sql"),
    ]
