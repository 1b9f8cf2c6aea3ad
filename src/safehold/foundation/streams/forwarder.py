"""The continuing work of streams, in the worker's process: looks again and again, and sends several at once.

Each stream is sent in a thread of its own. One whose destination is dead waits there for the network's time-outs, backs
off, and holds up neither the others nor the worker's jobs.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import DatabaseError, connection

from safehold.foundation.scope.transaction import scoped
from safehold.foundation.streams import flows, selectors
from safehold.foundation.streams.conf import AT_ONCE, PAUSE
from safehold.foundation.tenancy.selectors import platform_scope
from safehold.kernel.errors import SafeholdError

__all__ = ["Forwarder", "forwarder"]

_logger = logging.getLogger(__name__)


class Forwarder:
    """Looks for streams that have something to send, for as long as it is kept going."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._thread: threading.Thread | None = None
        self._busy: set[UUID] = set()

    def keep_going(self, seconds: float) -> None:
        """Work for so long from now on; it ends by itself when nobody says so again."""
        with self._lock:
            self._until = time.monotonic() + seconds
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="safehold-streams", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="safehold-stream") as pool:
            while time.monotonic() < self._until:
                for log_id, stream_id in self._due():
                    if stream_id not in self._busy:
                        self._busy.add(stream_id)
                        pool.submit(self._deliver, log_id, stream_id)
                time.sleep(PAUSE)

    def _due(self) -> list[tuple[UUID, UUID]]:
        try:
            with scoped(platform_scope("streams")) as scope:
                return selectors.due(scope)
        except DatabaseError as error:  # it comes back; every stream keeps its place meanwhile
            _logger.warning("streams can't be looked for: %s", type(error).__name__)
            return []
        finally:
            connection.close()

    def _deliver(self, log_id: UUID, stream_id: UUID) -> None:
        try:
            flows.deliver(log_id=log_id, stream_id=stream_id)
        except (DatabaseError, SafeholdError) as error:
            _logger.warning("stream %s is held up: %s", stream_id, type(error).__name__)
        finally:
            self._busy.discard(stream_id)
            connection.close()


forwarder = Forwarder()
"""This process's own."""
