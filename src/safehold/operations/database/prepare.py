"""Roles, database and tables: what has to be there before anything else starts."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import make_conninfo

from safehold.foundation.scope.provision import Provisioned, provision
from safehold.kernel.installation import Installation
from safehold.operations.errors import DatabaseProblem
from safehold.operations.installation import DATABASE_ROLES, SUPERUSER_PASSWORD

__all__ = ["admin_conninfo", "fix_tables", "guard_tables", "migrate", "provision_roles", "server_version"]


def admin_conninfo(installation: Installation) -> str:
    """How provisioning reaches the server: the bootstrap superuser here, the administrator by setting elsewhere."""
    if installation.database_admin_url is not None:
        return installation.database_admin_url
    return make_conninfo(
        host=installation.database_host,
        port=installation.database_port,
        dbname="postgres",
        user="postgres",
        password=installation.secret(SUPERUSER_PASSWORD).decode(),
    )


def provision_roles(installation: Installation) -> Provisioned:
    """Make the roles and the database, or bring them up to date. Safe to repeat."""
    passwords = {role: installation.login(role).password for role in DATABASE_ROLES}
    try:
        return provision(admin_conninfo(installation), passwords=passwords, database=installation.login("owner").name)
    except psycopg.OperationalError as error:
        raise DatabaseProblem(f"The database server can't be reached: {str(error).strip()}") from None


def guard_tables(installation: Installation) -> bool:
    """Have the database refuse what would stand open; False where its administrator may not. Django is set up."""
    from safehold.foundation.scope.guard import install_guard  # noqa: PLC0415  (as below)

    return install_guard(admin_conninfo(installation), installation.login("owner").name)


def fix_tables(installation: Installation) -> bool:
    """Have the database keep what only grows as the migrations made it; False where its administrator may not."""
    from safehold.foundation.scope.guard import install_rooms_guards  # noqa: PLC0415  (as below)

    return install_rooms_guards(admin_conninfo(installation), installation.login("owner").name)


def migrate() -> int:
    """Bring the tables up to date; returns how many steps that took. Django is set up, as the owner role."""
    # Only the process that prepares the database loads Django here.
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    from safehold.foundation.jobs.settling import settle_queue  # noqa: PLC0415
    from safehold.foundation.scope.boot import install_ticket_key  # noqa: PLC0415
    from safehold.foundation.scope.environment import mark_database  # noqa: PLC0415
    from safehold.foundation.scope.guard import lift_rooms_guards  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if steps:
        lift_rooms_guards(admin_conninfo(settings.SAFEHOLD), settings.SAFEHOLD.login("owner").name)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    install_ticket_key()
    mark_database(settings.SAFEHOLD.environment)
    settle_queue()
    return steps


def server_version() -> str:
    """The version of the server that answers, as in "18.6". Django is set up."""
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    number = connection.connection.info.server_version
    return f"{number // 10_000}.{number % 10_000}"
