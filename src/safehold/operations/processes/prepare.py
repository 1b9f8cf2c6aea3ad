"""The child that makes roles, database and tables and collects the static files, then ends."""

from __future__ import annotations

import sys

from safehold.operations.database.prepare import fix_tables, guard_tables, migrate, provision_roles, server_version
from safehold.operations.environment import refuse_other_environment
from safehold.operations.installation import default_home, load
from safehold.operations.processes.child import set_up_django
from safehold.operations.static import collect_static

__all__ = ["run"]


def run() -> None:
    """Provision, migrate, collect; says in the log what it did, and prints the server's version."""
    installation = load(default_home())
    refuse_other_environment(
        installation, ["key ring", "stored files"]
    )  # before a database of that name is made beside the other
    done = provision_roles(installation)
    set_up_django()
    refuse_other_environment(installation, ["database"])
    print(server_version(), flush=True)  # noqa: T201  (the supervisor reads it)
    if not guard_tables(installation):
        done.left_out.append("refusing new tables without policies as they are made")
    steps = migrate()
    if not fix_tables(installation):
        done.left_out.append("keeping the log's tables from their owner, and purging events whose time is over")
    for what in done.left_out:
        _note(f"the database's administrator is no superuser, so this was left out: {what}")
    _note(f"migrations applied: {steps}")
    _note("static files collected" if collect_static(installation) else "static files as before")


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  (the log is its stderr)
