"""Which log a name or an event on the command line stands for. Tenants are known a floor above, which says how here."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from safehold.foundation.access.matrix import Role
from safehold.foundation.audit.statements import connect as connect_as, statement
from safehold.foundation.scope.scope import Kind, Scope
from safehold.kernel.errors import NotFound
from safehold.kernel.ids import PLATFORM

__all__ = ["connect", "log_of", "scope_named", "scope_of_log"]

_find_tenant: Callable[[str], UUID] | None = None


def connect(find_tenant: Callable[[str], UUID]) -> None:
    """Say how a tenant's slug becomes its id, when the process starts."""
    global _find_tenant  # noqa: PLW0603 - one register of tenants a process, set at start
    _find_tenant = find_tenant


def scope_of_log(log: UUID, process: str) -> Scope:
    """The scope of a process that reads a log for the system. It reaches no department's rows."""
    if log == PLATFORM:
        return Scope(Kind.PLATFORM, actor=f"system:{process}")
    return Scope(Kind.TENANT, actor=f"system:{process}", tenant_id=log, role=Role.OWNER)


def scope_named(name: str, process: str) -> Scope:
    """The same for the tenant with this slug, or for the platform by "platform"."""
    if name == "platform":
        return scope_of_log(PLATFORM, process)
    if _find_tenant is None:
        raise NotFound("There are no tenants here.")
    return scope_of_log(_find_tenant(name), process)


def log_of(event: UUID) -> UUID:
    """The log that a sealed event is in, whoever's it is: only an operator has the sealer's login."""
    with connect_as("sealer") as connection:
        row = connection.execute(statement("sealer", "log_of"), {"event": event}).fetchone()
    if row is None:
        raise NotFound("There is no such sealed event.", hint="A new event has its place within seconds.")
    found: UUID = row[0]
    return found
