"""The worker, run once over what waits."""

from __future__ import annotations

import asyncio

__all__ = ["work"]


def work() -> None:
    """Do every job that waits now, in the worker that the installation runs, then stop."""
    from procrastinate.contrib.django import app

    async def once() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            async with working.open_async():
                await working.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(once())
