"""The database carries its environment's name, and whoever is set up for another environment is refused."""

from __future__ import annotations

from django.db import DatabaseError, connections, transaction

from safehold.foundation.scope.errors import OtherEnvironment
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.probes import expect_refusal

__all__ = [
    "OTHER_ENVIRONMENTS",
    "changes_that_pass",
    "mark_database",
    "name_of_database",
    "refuse_other_database",
]

OTHER_ENVIRONMENTS = frozenset({"production", "staging", "test", "demo", "development"})
"""Names that probes try beside the installation's own."""

_PARTS = ("safehold.foundation.scope", "environment.sql")


def name_of_database(using: str = "default") -> str | None:
    """The environment that the database belongs to; None before it was first prepared."""
    parts = sql_parts(*_PARTS)
    with connections[using].cursor() as cursor:
        cursor.execute(parts["is_there"])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(parts["read"])
        row = cursor.fetchone()
    return str(row[0]) if row else None


def refuse_other_database(environment: str, using: str = "default") -> None:
    """Raise `OtherEnvironment` unless the database belongs to `environment`, or to none yet."""
    owner = name_of_database(using)
    if owner not in (None, environment):
        raise OtherEnvironment(
            f"This database belongs to the environment {owner}, but the settings say {environment}.",
            hint=f'Write environment = "{owner}" into settings.toml, or give {environment} a database of its own.',
        )


def mark_database(environment: str, using: str = "default") -> None:
    """Write the environment's name into a database that has none yet. Run as the owner role."""
    with connections[using].cursor() as cursor:
        cursor.execute(sql_parts(*_PARTS)["mark"], [environment])
    refuse_other_database(environment, using)


def changes_that_pass(environment: str, using: str = "default") -> list[str]:
    """The ways in which the present role could change the name, each tried and undone; there should be none."""
    parts = sql_parts(*_PARTS)
    passed = []
    for name, values in {"mark": [environment], "overwrite": None, "forget": None}.items():
        try:
            with transaction.atomic(using), connections[using].cursor() as cursor:
                expect_refusal()
                cursor.execute(parts[name], values)
                transaction.set_rollback(True, using)
        except DatabaseError:
            continue
        passed.append(name)
    return passed
