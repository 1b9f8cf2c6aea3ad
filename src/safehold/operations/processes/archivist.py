"""The child that gathers what all processes log into the sealed archive. It needs no database."""

from __future__ import annotations

import logging
import os
from threading import Event

from safehold.operations.installation import default_home, load
from safehold.operations.processes.child import set_up_django, until_stopped

__all__ = ["run"]

log = logging.getLogger(__name__)

_ONCE = "SAFEHOLD_ONCE"


def run() -> None:
    """Gather until told to stop, each time before a line has lain in clear for as long as the settings allow.

    Told to do it once, it does it once: after everything else has ended.
    """
    set_up_django()
    if os.environ.get(_ONCE):
        _gather()
    else:
        until_stopped(_go_on)


def _go_on(stop: Event) -> None:
    pause = load(default_home()).log_seconds / 2
    while not stop.wait(pause):
        _gather()
    _gather()


def _gather() -> None:
    """Gather once. What goes wrong is said in this process's own log, and tried again the next time."""
    from safehold.operations.logs.archive import gather  # noqa: PLC0415  (needs Django set up)

    try:
        gather(load(default_home()))
    except Exception:
        log.exception("the logs could not be gathered")
