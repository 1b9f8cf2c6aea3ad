"""The guard of a running database: what would stand open can't be committed (sql/guard.sql)."""

from __future__ import annotations

import psycopg

from safehold.foundation.scope.catalogue import declared
from safehold.foundation.scope.migrations_support import sql_parts

__all__ = ["install_guard"]


def install_guard(admin_conninfo: str, database: str) -> bool:
    """Put the guard into `database`, or bring it and what rooms declare as exempt up to date; Django is set up.

    Returns False, having done nothing, where `admin_conninfo` is no superuser's: nobody else can make event triggers.
    """
    parts = sql_parts("safehold.foundation.scope", "guard.sql")
    found = declared()
    with psycopg.connect(admin_conninfo) as admin:  # Somebody else's administrator may have no right in our database.
        if admin.info.parameter_status("is_superuser") != "on":
            return False
    with psycopg.connect(admin_conninfo, dbname=database) as admin:
        admin.execute(parts["make"])
        admin.execute(parts["forget_exempt"])
        with admin.cursor() as cursor:
            cursor.executemany(parts["exempt"], sorted((found.exempt | found.scratch).items()))
    return True
