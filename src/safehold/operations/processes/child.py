"""The child processes by name, and what they have in common: their role, their end, and how they report trouble."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from threading import Event, Thread

from safehold.kernel import reference
from safehold.kernel.errors import SafeholdError
from safehold.operations.environment import refuse_other_environment
from safehold.operations.logs.writing import install
from safehold.operations.processes.wake import Wake

__all__ = ["CHILDREN", "complain", "main", "refuse_unsafe_role", "set_up_django", "until_stopped"]

# Name → (module whose `run` is its body, database role). A body is imported only by the process that needs it.
CHILDREN: dict[str, tuple[str, str]] = {
    "supervise": ("safehold.operations.processes.supervise", "app"),
    "prepare": ("safehold.operations.processes.prepare", "owner"),
    "settle": ("safehold.operations.processes.settle", "app"),
    "web": ("safehold.operations.processes.web", "app"),
    "redirect": ("safehold.operations.processes.redirect", "app"),
    "worker": ("safehold.operations.processes.worker", "app"),
    "sealer": ("safehold.operations.processes.sealer", "sealer"),
    "archivist": ("safehold.operations.processes.archivist", "app"),
}


_GRACE = 30.0
_ORPHANS_GRACE = 2.0


def main(name: str) -> None:
    """Run the child process of that name until it is told to stop."""
    module, role = CHILDREN[name]
    os.environ["SAFEHOLD_ROLE"] = role
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safehold.project.settings")
    os.environ.pop("SAFEHOLD_LOG", None)  # A command's file; a process's standard error is its own.
    install()
    reference.begin()
    try:
        importlib.import_module(module).run()
    except SafeholdError as error:
        complain(error)
        sys.exit(1)
    except Exception as error:
        _leave_event(name, role, error)
        raise


def _leave_event(name: str, role: str, error: Exception) -> None:
    """That a process ended by a mistake of ours is an event, where this process may write one."""
    if role != "app" or "django" not in sys.modules:
        return
    from django.apps import apps  # noqa: PLC0415  (some processes do without)

    if apps.ready:
        from safehold.foundation.audit.flows import record_failure  # noqa: PLC0415
        from safehold.foundation.scope.scope import Kind, Scope  # noqa: PLC0415

        scope = Scope(Kind.PLATFORM, actor=f"system:{name}")
        record_failure(scope, error, route=f"process {name}", reference=reference.current())


def complain(error: SafeholdError) -> None:
    """Say in one line of this process's log, which is its standard error, what keeps it from working."""
    hint = f" ({error.hint})" if error.hint else ""
    print(f"error: {' '.join(error.message.split())}{hint}", file=sys.stderr, flush=True)  # noqa: T201


def set_up_django() -> None:
    """Load the settings for this process's role."""
    import django  # noqa: PLC0415  (the redirect does without)

    django.setup()


def refuse_unsafe_role() -> None:
    """Raise unless this process's database roles may do no more than they should, here where they belong.

    Django is set up.
    """
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection, connections  # noqa: PLC0415

    from safehold.foundation.scope.boot import refuse_unsafe_role as refuse  # noqa: PLC0415
    from safehold.foundation.scope.transaction import STAFF_LOGIN  # noqa: PLC0415

    refuse(connection, os.environ["SAFEHOLD_ROLE"])
    refuse_other_environment(settings.SAFEHOLD)
    connection.close()
    if STAFF_LOGIN in connections:  # where the app serves, staff come in by a login of their own
        refuse(connections[STAFF_LOGIN], STAFF_LOGIN)
        connections[STAFF_LOGIN].close()


def until_stopped(body: Callable[[Event], None]) -> None:
    """Run `body` in a thread until a signal asks to stop, or the parent is gone; then give it time to finish.

    The main thread only waits: an Event that a signal handler sets while the same thread waits on it can hang.
    """
    stop = Event()
    failure: list[BaseException] = []

    def guarded() -> None:
        try:
            body(stop)
        except BaseException as error:  # noqa: BLE001  (handed to the main thread below)
            failure.append(error)

    parent = os.getppid()
    with Wake() as wake:
        thread = Thread(target=guarded, name="body", daemon=True)
        thread.start()
        while thread.is_alive() and wake.asked is None and os.getppid() == parent:
            wake.wait(1.0)
        stop.set()
        # Without the supervisor the database goes too: nothing that needs it could still be finished.
        thread.join(_GRACE if os.getppid() == parent else _ORPHANS_GRACE)
    if thread.is_alive():
        os._exit(1)
    if failure:
        raise failure[0]
