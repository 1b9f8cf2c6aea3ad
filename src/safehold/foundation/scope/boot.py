"""Before a process serves: the owner installs the ticket key; everybody else refuses an unsafe database role."""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from safehold.foundation.scope.migrations_support import sql_parts
from safehold.kernel.ticket import hmac_pads

__all__ = ["install_ticket_key"]

_PACKAGE = "safehold.foundation.scope"


def install_ticket_key(using: str = "default") -> None:
    """Let the database check tickets signed with this installation's key. Run as the owner role."""
    inner, outer = hmac_pads(settings.SAFEHOLD.secret("ticket.key"))
    with connections[using].cursor() as cursor:
        cursor.execute(sql_parts(_PACKAGE, "ticket_key.sql")["install"], [1, inner, outer])
