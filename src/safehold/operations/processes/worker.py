"""The child that does jobs in the background and on schedule."""

from __future__ import annotations

import asyncio
from threading import Event

from procrastinate import App

from safehold.kernel.installation import Installation
from safehold.operations.processes.child import refuse_unsafe_role, set_up_django, until_stopped

__all__ = ["run"]

_POLL = 0.5
"""How often it looks for a job. It doesn't listen for one: every login may notify, and would give it orders."""

_GRACE = 20.0
_HEARTBEAT = 3.0
_DEAD_AFTER = 15.0
"""A worker that hasn't been heard of for so long was killed: its jobs are done again, from their beginning."""


def run() -> None:
    """Work until told to stop; a job under way gets some time to finish, else it's taken up again later."""
    set_up_django()
    refuse_unsafe_role()
    from django.conf import settings  # noqa: PLC0415  (needs Django set up, like all below)

    from safehold.foundation.jobs.login import refuse_unsafe_queue  # noqa: PLC0415

    refuse_unsafe_queue(settings.SAFEHOLD)
    until_stopped(lambda stop: asyncio.run(_work(stop, settings.SAFEHOLD)))


async def _work(stop: Event, installation: Installation) -> None:
    from procrastinate.contrib.django import app  # noqa: PLC0415

    from safehold.foundation.jobs.login import connector  # noqa: PLC0415

    with app.replace_connector(connector(installation)) as working:
        async with working.open_async():
            worker = asyncio.create_task(_do_jobs(working))
            rescue = asyncio.create_task(_rescue(working))
            stopping = asyncio.create_task(asyncio.to_thread(stop.wait))
            await asyncio.wait({worker, rescue, stopping}, return_when=asyncio.FIRST_COMPLETED)
            ended = [task for task in (worker, rescue) if task.done()]
            stop.set()
            worker.cancel()
            rescue.cancel()
            await asyncio.gather(worker, rescue, return_exceptions=True)
            for task in ended:
                task.result()


async def _do_jobs(app: App) -> None:
    await app.run_worker_async(
        name="worker",
        concurrency=1,
        listen_notify=False,
        fetch_job_polling_interval=_POLL,
        shutdown_graceful_timeout=_GRACE,
        update_heartbeat_interval=_HEARTBEAT,
        stalled_worker_timeout=_DEAD_AFTER,
        delete_jobs="successful",
        install_signal_handlers=False,
    )


async def _rescue(app: App) -> None:
    """Queue again what a killed worker was at."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER):
            await app.job_manager.retry_job(job)
        await asyncio.sleep(_HEARTBEAT)
