"""The room's own SQL, and connections of its own for the sealer and for checks."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from django.conf import settings

from safehold.foundation.scope.migrations_support import sql_parts
from safehold.kernel.installation import Installation

__all__ = ["Connection", "connect", "installation", "statement"]

Connection = psycopg.Connection[tuple[Any, ...]]


def statement(file: str, name: str) -> LiteralString:
    """The part `name` of `sql/<file>.sql`."""
    return sql_parts(__package__, f"{file}.sql")[name]


def installation() -> Installation:
    """The installation that this process belongs to."""
    found: Installation = settings.SAFEHOLD
    return found


def connect(role: str, **more: str) -> Connection:
    """A connection under a role's own login, apart from Django's: for the sealer, and for checks that try roles.

    `more` are further libpq parameters.
    """
    login = installation().login(role)
    return psycopg.connect(
        host=login.host,
        port=login.port,
        dbname=login.name,
        user=login.user,
        password=login.password,
        application_name=f"safehold-{role}",
        **(dict(login.options) | more),  # type: ignore[arg-type]  # libpq's own parameters
    )
