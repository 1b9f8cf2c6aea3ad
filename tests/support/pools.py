"""Pools of a size of our own, shared by as many threads as a test likes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Pool", "pool_of"]


class Pool:
    """A pool that threads take their default connection from."""

    def __init__(self, size: int, wait: float) -> None:
        self._size, self._wait = size, wait
        self._shared: dict[str, Any] = {}

    @contextmanager
    def used(self) -> Iterator[None]:
        """Within, this thread's default connection comes from the pool."""
        from django.db import connections

        usual = connections["default"]
        ours = connections.create_connection("default")
        options = {
            **ours.settings_dict["OPTIONS"],
            "pool": {"min_size": 1, "max_size": self._size, "timeout": self._wait},
        }
        ours.settings_dict = {**ours.settings_dict, "OPTIONS": options}
        ours.alias = f"pool-of-{self._size}"
        ours._connection_pools = self._shared
        connections["default"] = ours
        try:
            yield
        finally:
            ours.close()
            connections["default"] = usual

    def close(self) -> None:
        """Close every connection."""
        for pool in self._shared.values():
            pool.close()

    def run(self, workers: list[Callable[[], None]]) -> list[BaseException]:
        """Run each worker in a thread of its own on the pool; what they raised."""
        raised: list[BaseException] = []

        def guarded(worker: Callable[[], None]) -> None:
            try:
                with self.used():
                    worker()
            except BaseException as error:  # noqa: BLE001  (told to the test)
                raised.append(error)

        threads = [threading.Thread(target=guarded, args=(worker,)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return raised


@contextmanager
def pool_of(size: int, *, wait: float = 30) -> Iterator[Pool]:
    """A pool with at most `size` connections; `wait` seconds for one."""
    pool = Pool(size, wait)
    try:
        yield pool
    finally:
        pool.close()
