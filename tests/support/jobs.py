"""The worker, run once over what waits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procrastinate import PsycopgConnector

__all__ = ["queue_connector", "work"]


def queue_connector() -> PsycopgConnector:
    """The queue's own login, the way that Django takes: through PgBouncer where that is in front."""
    from django.conf import settings
    from django.db import connections

    from safehold.foundation.jobs.login import connector

    return connector(replace(settings.SAFEHOLD, database_port=int(connections.settings["default"]["PORT"])))


def work() -> None:
    """Do every job that waits now, in the worker that the installation runs. Its timetable stays out of it."""
    from procrastinate.contrib.django import app
    from procrastinate.periodic import PeriodicRegistry

    async def once() -> None:
        working = app.with_connector(queue_connector())
        working.periodic_registry = PeriodicRegistry()
        async with working.open_async():
            await working.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(once())
