"""Counting in memory, and writing down what was counted every few seconds.

A request adds one to a number in its own process and waits for no row. The process writes its numbers down in one
upsert for each tenant, every `FLUSH_SECONDS` and once more when it stops. Killed without a word, it loses the last
`FLUSH_SECONDS` of counts: usage is a measure and no evidence, and the audit log, which is, loses nothing.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from multiprocessing.util import Finalize
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, connections

from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.usage import flows
from safehold.foundation.usage.conf import FLUSH_SECONDS

__all__ = ["Counter", "apart", "count", "flush", "keep_flushing"]

_logger = logging.getLogger(__name__)

Key = tuple[date, str]


class Counter:
    """What one process has counted since it last wrote down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[UUID, dict[Key, int]] = {}

    def add(self, tenant_id: UUID, counted: Mapping[Key, int]) -> None:
        """Count."""
        with self._lock:
            mine = self._counts.setdefault(tenant_id, defaultdict(int))
            for key, number in counted.items():
                mine[key] += number

    def take(self) -> dict[UUID, dict[Key, int]]:
        """What was counted, by tenant; it starts from nought again."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken


_process = Counter()
_apart: ContextVar[Counter | None] = ContextVar("usage_apart", default=None)


def count(tenant_id: UUID, day: date, route: str) -> None:
    """Count one page view or action."""
    (_apart.get() or _process).add(tenant_id, {(day, route): 1})


@contextmanager
def apart() -> Iterator[Counter]:
    """What is counted inside, in this thread, is counted apart: for checks, whose requests are nobody's use."""
    counter = Counter()
    token = _apart.set(counter)
    try:
        yield counter
    finally:
        _apart.reset(token)


def flush() -> int:
    """Write down what this process counted, a transaction for each tenant. Returns how many tenants' it wrote.

    What can't be written now is kept for the next time; what never will be, because its tenant is gone, is let go.
    """
    written = 0
    for tenant_id, counted in _process.take().items():
        scope = Scope(Kind.TENANT, actor="system:usage", tenant_id=tenant_id)
        try:
            with scoped(scope):
                flows.add_counts(scope=scope, counted=counted)
        except IntegrityError as error:
            _logger.warning("counts of one workspace were let go: %s", type(error).__name__)
        except (DatabaseError, OperationalError) as error:
            _process.add(tenant_id, counted)
            _logger.warning("counts of use wait to be written: %s", type(error).__name__)
        else:
            written += 1
    return written


def keep_flushing() -> None:
    """Write down every few seconds from now on, in a thread of its own, and once more when this process ends."""
    stop = threading.Event()
    thread = threading.Thread(target=_flush_until, args=(stop,), name="usage", daemon=True)

    def finish() -> None:
        stop.set()
        thread.join()

    thread.start()
    # Runs at the end of a process, whether Python's own or one that multiprocessing made, where atexit is not asked.
    Finalize(None, finish, exitpriority=10)


def _flush_until(stop: threading.Event) -> None:
    try:
        while not stop.wait(FLUSH_SECONDS):
            flush()
        flush()
    finally:
        connections.close_all()
