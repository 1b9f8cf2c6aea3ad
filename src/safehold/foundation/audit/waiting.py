"""Requests that wait for the log to grow: how long, and how many at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["LONGEST", "place_to_wait"]

LONGEST: Final = 25
"""Seconds that a request may wait: shorter than what proxies give an answer."""
_MOST: Final = 4
"""Requests of one process that may wait at once: each holds a thread, and a reader a connection as well."""

_places = threading.BoundedSemaphore(_MOST)


@contextmanager
def place_to_wait(seconds: float) -> Iterator[float]:
    """So many seconds as may be waited: none where too many others wait already."""
    if seconds <= 0 or not _places.acquire(blocking=False):
        yield 0.0
        return
    try:
        yield min(seconds, LONGEST)
    finally:
        _places.release()
