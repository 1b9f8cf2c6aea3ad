"""Before a process serves: the owner installs the ticket key; everybody else refuses an unsafe database role."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import connections

from safehold.foundation.scope.errors import UnsafeDatabase
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.server_floor import standing
from safehold.kernel.ticket import hmac_pads

__all__ = ["install_ticket_key", "refuse_unsafe_login", "refuse_unsafe_role", "role_faults"]

_PACKAGE = "safehold.foundation.scope"
_FAULTS = ("attributes", "memberships", "possessions", "privileges", "creation", "settings")
_QUEUE = "safehold_queue"
_log = logging.getLogger(__name__)


def install_ticket_key(using: str = "default") -> None:
    """Let the database check tickets signed with this installation's key. Run as the owner role."""
    inner, outer = hmac_pads(settings.SAFEHOLD.secret("ticket.key"))
    with connections[using].cursor() as cursor:
        cursor.execute(sql_parts(_PACKAGE, "ticket_key.sql")["install"], [1, inner, outer])
        cursor.execute(sql_parts(_PACKAGE, "ticket_key.sql")["settle"])


def refuse_unsafe_role(connection: Any, role_name: str) -> None:
    """Raise `UnsafeDatabase` unless this process may serve through `connection` (Django's), as `role_name` ("app").

    Refused are: another login than that role's; a superuser, BYPASSRLS or any attribute that hands out rights;
    membership in any role; owning anything; TRUNCATE and the like; a place to create objects; a right on the job queue;
    a server below the floor, unless the setting `allow_old_server` accepts it, which is said in the log at every start.
    """
    login = _login(role_name)
    faults = role_faults(connection, login)
    server = standing(connection.pg_version)
    for warning in server.warnings:
        _log.warning("%s", warning)
    if server.refused and settings.SAFEHOLD.allow_old_server:
        _log.warning("%s. It is used because allow_old_server is set.", server.refused)
    elif server.refused:
        faults.append(server.refused)
    _refuse(login, faults)


def refuse_unsafe_login(connection: Any, role_name: str) -> None:
    """The same for a login beside the process's own, on a server that was judged with that one."""
    login = _login(role_name)
    _refuse(login, role_faults(connection, login))


def _login(role_name: str) -> str:
    return f"safehold_{role_name.removeprefix('safehold_')}"


def _refuse(login: str, faults: list[str]) -> None:
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise UnsafeDatabase(f"Not started: the database login {login} isn't safe to serve with.\n{listed}")


def role_faults(connection: Any, login: str) -> list[str]:
    """Everything about the role that is logged in which would let it go round policies; empty when there is nothing.

    The queue's login keeps the queue and nothing else; no other login has any right on it.
    """
    parts = sql_parts(_PACKAGE, "boot.sql")
    faults = []
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_authorization")
        if (actual := cursor.fetchone()[0]) != login:
            faults.append(f"the connection is logged in as {actual}")
        for name in (*_FAULTS, "beyond_the_queue" if login == _QUEUE else "on_the_queue"):
            cursor.execute(parts[name])
            faults.extend(str(row[0]) for row in cursor.fetchall())
    return faults
