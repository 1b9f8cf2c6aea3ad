"""The child that makes roles, database and tables and collects the static files, then ends."""

from __future__ import annotations

from safehold.operations.database.prepare import migrate, provision_roles
from safehold.operations.installation import default_home, load
from safehold.operations.processes.child import set_up_django
from safehold.operations.static import collect_static

__all__ = ["run"]


def run() -> None:
    """Provision, migrate, collect; says in the log what it did."""
    installation = load(default_home())
    done = provision_roles(installation)
    for what in done.left_out:
        print(f"the database's administrator is no superuser, so this was left out: {what}")  # noqa: T201
    set_up_django()
    print(f"migrations applied: {migrate()}")  # noqa: T201  (the log is its output)
    print("static files collected" if collect_static(installation) else "static files as before")  # noqa: T201
