"""Roles, database and tables: what has to be there before anything else starts."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import make_conninfo

from safehold.foundation.scope.provision import provision
from safehold.kernel.installation import Installation
from safehold.operations.errors import DatabaseProblem
from safehold.operations.installation import DATABASE_ROLES, SUPERUSER_PASSWORD

__all__ = ["admin_conninfo", "provision_roles"]


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


def provision_roles(installation: Installation) -> None:
    """Make the roles and the database, or bring them up to date. Safe to repeat."""
    passwords = {role: installation.login(role).password for role in DATABASE_ROLES}
    try:
        provision(admin_conninfo(installation), passwords=passwords, database=installation.login("owner").name)
    except psycopg.OperationalError as error:
        raise DatabaseProblem(f"The database server can't be reached: {str(error).strip()}") from None
