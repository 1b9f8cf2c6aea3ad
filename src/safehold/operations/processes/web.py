"""The child that serves the pages and the API over TLS."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server import Server

from safehold.kernel.errors import SafeholdError
from safehold.operations.installation import default_home, load
from safehold.operations.logs.writing import configuration
from safehold.operations.processes.child import complain, refuse_unsafe_role, set_up_django
from safehold.operations.tls import served_pair

__all__ = ["THREADS", "WORKERS", "run"]

WORKERS = 2
"""Python runs one thread at a time in a process, so as many processes as the smallest machine has cores."""

THREADS = 6
"""Requests that one process works on at once. Each may hold a database connection, with as many again to spare."""

_LARGEST_HEAD = 64 * 1024


def run() -> None:
    """Serve until told to stop. Exits with 1, having said why, where it may not serve."""
    if not _may_serve():
        sys.exit(1)
    installation = load(default_home())
    pair = served_pair(installation, datetime.now(UTC))
    server = Server(
        "safehold.project.wsgi:application",
        address=installation.bind,
        port=installation.port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        http=HTTPModes.auto,
        http1_settings=HTTP1Settings(max_buffer_size=_LARGEST_HEAD),
        ssl_cert=pair.cert,
        ssl_key=pair.key,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=8,
        log_access=False,
        log_dictconfig=configuration(),
    )
    server.serve(target_loader=_Application(os.getpid()), wrap_loader=False)


def _may_serve() -> bool:
    """Whether the database and its roles are fit to serve with, as a process that ends again finds out.

    This one must neither load the application nor open a connection: what serves is forked from it. Those that are
    forked ask again, but the server would only start them anew for ever, and say so to nobody.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    status = 1
    try:
        set_up_django()
        refuse_unsafe_role()
        status = 0
    except SafeholdError as error:
        complain(error)
    except BaseException:  # noqa: BLE001  (whatever it is, this process must not go on as if it were its parent)
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(status)


class _Application:
    """Loads the application inside a worker, after tying the worker's life to that of the process that made it."""

    def __init__(self, parent: int) -> None:
        self.parent = parent

    def __call__(self) -> Callable[..., Any]:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != self.parent:
                sys.exit("the parent died first")
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415  (only here, after the fork)
        from django.urls import resolve  # noqa: PLC0415  (the same)

        application = get_wsgi_application()
        from safehold.foundation.usage.counting import keep_flushing  # noqa: PLC0415  (needs Django set up)

        try:
            refuse_unsafe_role()
        except SafeholdError as error:
            complain(error)
            os.kill(self.parent, signal.SIGTERM)  # the supervisor starts it anew, which is refused with the reason
            sys.exit(1)
        keep_flushing()
        resolve("/")  # loads every room's pages now, so that the first visitor of each worker doesn't wait for it
        return application
