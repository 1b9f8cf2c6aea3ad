"""Unwrapped keys in memory, for five minutes at most.

The limit is part of a promise: a key that is destroyed, here or by another process, is used for so long at most. It
counts from the unwrapping and no use extends it. What is over goes by itself, also in a process that has nothing to
do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from safehold.foundation.keys.conf import CACHE_SECONDS, Purpose
from safehold.kernel.errors import Tampered
from safehold.kernel.mackey import MacKey
from safehold.kernel.xaes import XaesKey

__all__ = ["KeyCache", "LiveKey"]


@dataclass(slots=True, eq=False, repr=False)
class LiveKey:
    """An unwrapped data key. `material` keeps no bytes of the key: dropping it lets OpenSSL wipe its own copy."""

    id: UUID
    tenant_id: UUID
    purpose: Purpose
    subject: str
    material: XaesKey | MacKey
    is_active: bool = True
    derived: dict[UUID, MacKey] = field(default_factory=dict)
    unreported: int = 0

    @property
    def cipher(self) -> XaesKey:
        """The key, if it is one that seals; `Tampered` if something sealed claims to be sealed by one that doesn't."""
        if not isinstance(self.material, XaesKey):
            raise Tampered
        return self.material

    @property
    def mac(self) -> MacKey:
        """The key, if it is one that makes tokens."""
        if not isinstance(self.material, MacKey):
            raise Tampered
        return self.material


class KeyCache:
    """Live keys by id, and the active one of each tenant, purpose and subject."""

    def __init__(self, seconds: float = CACHE_SECONDS, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._keys: dict[UUID, tuple[float, LiveKey]] = {}
        self._active: dict[tuple[UUID, str, str], UUID] = {}
        self._timer: threading.Timer | None = None

    def get(self, key_id: UUID) -> LiveKey | None:
        """The live key of that id, if its time isn't up."""
        until, live = self._keys.get(key_id, (0.0, None))
        return live if until > self._monotonic() else None

    def active(self, tenant_id: UUID, purpose: Purpose, subject: str) -> LiveKey | None:
        """The key that seals now, as far as this process knows."""
        key_id = self._active.get((tenant_id, purpose, subject))
        return self.get(key_id) if key_id else None

    def put(self, live: LiveKey) -> LiveKey:
        """Keep a key that was unwrapped just now; the one that is kept, if another thread was quicker."""
        with self._lock:
            if (kept := self.get(live.id)) is None:
                self._keys[live.id] = (self._monotonic() + self._seconds, live)
            if live.is_active:
                self._active[live.tenant_id, live.purpose, live.subject] = live.id
            self._set_timer()
        return kept or live

    def forget(self, tenant_id: UUID) -> None:
        """Drop every key of a tenant now."""
        self._drop(lambda entry: entry[1].tenant_id == tenant_id)

    def clear(self) -> None:
        """Drop every key now."""
        self._drop(lambda _: True)

    def sweep(self) -> None:
        """Drop every key whose time is up."""
        now = self._monotonic()
        self._drop(lambda entry: entry[0] <= now)

    def __len__(self) -> int:
        return len(self._keys)

    def _drop(self, is_over: Callable[[tuple[float, LiveKey]], bool]) -> None:
        with self._lock:
            self._keys = {id_: entry for id_, entry in self._keys.items() if not is_over(entry)}
            self._active = {place: id_ for place, id_ in self._active.items() if id_ in self._keys}

    def _set_timer(self) -> None:
        """Sweep in a while, unless a timer runs already. A forked child has no timer thread and starts its own."""
        if self._timer is None or not self._timer.is_alive():
            self._timer = threading.Timer(self._seconds / 10, self._tick)
            self._timer.daemon = True
            self._timer.start()

    def _tick(self) -> None:
        self.sweep()
        with self._lock:
            self._timer = None
            if self._keys:
                self._set_timer()
