"""The child that does jobs in the background and on schedule."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from threading import Event
from typing import Any

from procrastinate import App, JobContext
from procrastinate.worker import Worker

from safehold.kernel import reference
from safehold.kernel.installation import Installation
from safehold.operations.processes.child import refuse_unsafe_role, set_up_django, until_stopped

__all__ = ["run", "tell_of_failure"]

log = logging.getLogger(__name__)

_POLL = 0.5
"""How often it looks for a job. It doesn't listen for one: every login may notify, and would give it orders."""

_GRACE = 20.0
_HEARTBEAT = 3.0
_DEAD_AFTER = 15.0
"""A worker that hasn't been heard of for so long was killed: its jobs are done again, from their beginning."""
_LOOK = 5.0
"""How often the worker looks whether the sealer keeps up."""


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
            tasks = [asyncio.create_task(each) for each in (_do_jobs(working), _rescue(working), _watch_sealing())]
            stopping = asyncio.create_task(asyncio.to_thread(stop.wait))
            await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
            ended = [task for task in tasks if task.done()]
            stop.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
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
        task_middleware=[tell_of_failure],
    )


def tell_of_failure(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
    """Do a job under a reference of its own. One that fails leaves an event and a line with that reference."""
    from safehold.foundation.audit.flows import record_failure  # noqa: PLC0415  (needs Django set up)
    from safehold.foundation.scope.scope import Kind, Scope  # noqa: PLC0415

    began, name = reference.begin(), context.job.task_name
    try:
        return call_next()
    except Exception as error:
        log.exception("the job %s failed", name)
        record_failure(Scope(Kind.PLATFORM, "system:worker"), error, route=f"job {name}", reference=began)
        raise


async def _rescue(app: App) -> None:
    """Queue again what a killed worker was at."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER):
            await app.job_manager.retry_job(job)
        await asyncio.sleep(_HEARTBEAT)


async def _watch_sealing() -> None:
    """Look at the sealer beside whatever job is being done."""
    from safehold.foundation.audit.watching import Watch  # noqa: PLC0415  (needs Django set up)

    watch = Watch()
    while True:
        await asyncio.sleep(_LOOK)
        await asyncio.to_thread(watch.look)
