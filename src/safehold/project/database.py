"""Django's database settings for one process role."""

from __future__ import annotations

import os
from typing import Any

from safehold.kernel.installation import Installation

__all__ = ["connection_settings"]

# Web threads and the pool are sized together (operations/processes): a thread holds one connection for one request.
_POOL = {"min_size": 1, "max_size": 12, "timeout": 10}


def connection_settings(installation: Installation, role: str) -> dict[str, Any]:
    """The DATABASES entry for `role` (app, owner, sealer, backup or staff).

    Only the app role is pooled, and not on the command line: who has one job holds one connection. With an outside
    pooler in front (`pooled`), server-side cursors and prepared statements stay off. The queue's login is no entry: the
    worker has it to itself (foundation/jobs).
    """
    login = installation.login(role)
    options: dict[str, Any] = {**dict(login.options), "application_name": f"safehold-{role}"}
    pool = role == "app" and os.environ.get("SAFEHOLD_POOL") != "off"
    if pool:
        options["pool"] = dict(_POOL)
    if installation.pooled:
        options["prepare_threshold"] = None
    return {
        "ENGINE": "safehold.foundation.scope.backend",
        "HOST": login.host,
        "PORT": str(login.port),
        "NAME": login.name,
        "USER": login.user,
        "PASSWORD": login.password,
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": installation.pooled or role == "staff",
        "CONN_MAX_AGE": 0 if pool else None,
    }
