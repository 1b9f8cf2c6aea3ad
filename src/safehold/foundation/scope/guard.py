"""The guard of a running database: what would stand open can't be committed (sql/guard.sql).

Other rooms add to it in a `sql/guard.sql` of their own: "make" once their tables are there, "lift" before migrations.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import psycopg
from django.apps import apps

from safehold.foundation.scope.catalogue import declared
from safehold.foundation.scope.migrations_support import sql_parts

__all__ = ["install_guard", "install_rooms_guards", "lift_rooms_guards"]

_OWN = "safehold.foundation.scope"


def install_guard(admin_conninfo: str, database: str) -> bool:
    """Put the guard into `database`, or bring it and what rooms declare as exempt up to date; Django is set up.

    Returns False, having done nothing, where `admin_conninfo` is no superuser's: nobody else can make event triggers.
    """
    parts = sql_parts(_OWN, "guard.sql")
    found = declared()
    if not _is_superuser(admin_conninfo):
        return False
    with psycopg.connect(admin_conninfo, dbname=database) as admin:
        admin.execute(parts["make"])
        admin.execute(parts["forget_exempt"])
        with admin.cursor() as cursor:
            cursor.executemany(parts["exempt"], sorted((found.exempt | found.scratch).items()))
    return True


def install_rooms_guards(admin_conninfo: str, database: str) -> bool:
    """Put up what rooms add to the guard, now that their tables are there. False where nobody may."""
    return _run_rooms(admin_conninfo, database, "make")


def lift_rooms_guards(admin_conninfo: str, database: str) -> bool:
    """Let migrations change what rooms guard; `install_rooms_guards` puts it back. False where nobody may."""
    return _run_rooms(admin_conninfo, database, "lift")


def _run_rooms(admin_conninfo: str, database: str, part: str) -> bool:
    if not _is_superuser(admin_conninfo):
        return False
    with psycopg.connect(admin_conninfo, dbname=database) as admin:
        for room in _rooms():
            admin.execute(sql_parts(room, "guard.sql")[part])
    return True


def _rooms() -> Iterator[str]:
    names = [one.name for one in apps.get_app_configs() if one.name.startswith("safehold.") and one.name != _OWN]
    yield from (name for name in names if (resources.files(name) / "sql" / "guard.sql").is_file())


def _is_superuser(admin_conninfo: str) -> bool:
    """Asked in the administrator's own database: in ours, somebody else's may have no right."""
    with psycopg.connect(admin_conninfo) as admin:
        return admin.info.parameter_status("is_superuser") == "on"
