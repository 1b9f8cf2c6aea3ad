"""The worker, run once over what waits."""

from __future__ import annotations

import asyncio

__all__ = ["work"]


def work() -> None:
    """Do every job that waits now, in the worker that the installation runs. Its timetable stays out of it."""
    from procrastinate.contrib.django import app
    from procrastinate.periodic import PeriodicRegistry

    async def once() -> None:
        working = app.with_connector(app.connector.get_worker_connector())
        working.periodic_registry = PeriodicRegistry()
        async with working.open_async():
            await working.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(once())
