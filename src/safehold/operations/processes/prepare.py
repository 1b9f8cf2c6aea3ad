"""The child that makes roles, database and tables, then ends."""

from __future__ import annotations

from safehold.operations.database.prepare import migrate, provision_roles
from safehold.operations.installation import default_home, load
from safehold.operations.processes.child import set_up_django

__all__ = ["run"]


def run() -> None:
    """Provision, then migrate; says in the log what it did."""
    done = provision_roles(load(default_home()))
    for what in done.left_out:
        print(f"the database's administrator is no superuser, so this was left out: {what}")  # noqa: T201
    set_up_django()
    print(f"migrations applied: {migrate()}")  # noqa: T201  (the log is its output)
