"""The child that does jobs in the background and on schedule."""

from __future__ import annotations

import asyncio
from threading import Event

from safehold.operations.processes.child import set_up_django, until_stopped

__all__ = ["run"]

_POLL = 5.0
_GRACE = 20.0


def run() -> None:
    """Work until told to stop; a job under way gets some time to finish, else it's taken up again later."""
    set_up_django()
    until_stopped(lambda stop: asyncio.run(_work(stop)))


async def _work(stop: Event) -> None:
    from procrastinate.contrib.django import app  # noqa: PLC0415  (needs Django set up)

    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's connector has it
    with app.replace_connector(connector) as working:
        async with working.open_async():
            worker = asyncio.create_task(
                working.run_worker_async(
                    name="worker",
                    fetch_job_polling_interval=_POLL,
                    shutdown_graceful_timeout=_GRACE,
                    install_signal_handlers=False,
                )
            )
            stopping = asyncio.create_task(asyncio.to_thread(stop.wait))
            await asyncio.wait({worker, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not worker.done():
                worker.cancel()
            stop.set()
            await asyncio.gather(worker, return_exceptions=stopping.done())
