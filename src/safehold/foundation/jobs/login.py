"""The queue's own database login: only the worker has it, and procrastinate's connector runs on it."""

from __future__ import annotations

from typing import Any

import psycopg
from procrastinate import PsycopgConnector

from safehold.foundation.scope.boot import refuse_unsafe_login
from safehold.kernel.installation import Installation

__all__ = ["LOGIN", "connect", "connector", "refuse_unsafe_queue"]

LOGIN = "queue"
_CONNECTIONS = 4
"""The worker asks for the next job, says that it lives, and notes the end of a job, at times all at once."""


def connect(installation: Installation) -> psycopg.Connection[tuple[Any, ...]]:
    """One connection as the queue's login."""
    return psycopg.connect(**_parameters(installation), autocommit=True)


def connector(installation: Installation) -> PsycopgConnector:
    """What a worker reaches its queue by. Its jobs' own work goes over Django's connections, as the app role."""
    return PsycopgConnector(kwargs=_parameters(installation), min_size=1, max_size=_CONNECTIONS)


def refuse_unsafe_queue(installation: Installation) -> None:
    """Raise `UnsafeDatabase` where the queue's login may do more than keep the queue."""
    with connect(installation) as connection:
        refuse_unsafe_login(connection, LOGIN)


def _parameters(installation: Installation) -> dict[str, Any]:
    """Behind an outside pooler (`pooled`) nothing may be prepared on a connection that another gets next."""
    login = installation.login(LOGIN)
    return {
        **dict(login.options),
        "host": login.host,
        "port": login.port,
        "dbname": login.name,
        "user": login.user,
        "password": login.password,
        "application_name": f"safehold-{LOGIN}",
        **({"prepare_threshold": None} if installation.pooled else {}),
    }
