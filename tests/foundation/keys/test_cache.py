"""Unwrapped keys live five minutes at most."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

import pytest

from safehold.foundation.keys.cache import KeyCache, LiveKey
from safehold.foundation.keys.conf import CACHE_SECONDS, Purpose
from safehold.kernel.errors import Tampered
from safehold.kernel.mackey import MacKey
from safehold.kernel.xaes import XaesKey


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def live(tenant_id: UUID | None = None, *, active: bool = True) -> LiveKey:
    return LiveKey(uuid4(), tenant_id or uuid4(), Purpose.FIELD, "", XaesKey(bytes(32)), is_active=active)


def test_the_limit_is_the_promised_one():
    assert CACHE_SECONDS <= 300


def test_a_key_is_over_when_its_time_is_up_however_often_it_is_used():
    clock, key = Clock(), live()
    cache = KeyCache(100, clock)
    assert cache.put(key) is key
    for now in (0, 50, 99.9):
        clock.now = now
        assert cache.get(key.id) is cache.active(key.tenant_id, Purpose.FIELD, "") is key
    clock.now = 100
    assert cache.get(key.id) is cache.active(key.tenant_id, Purpose.FIELD, "") is None
    cache.sweep()
    assert len(cache) == 0


def test_unwrapping_again_does_not_lengthen_a_life():
    clock, key = Clock(), live()
    cache = KeyCache(100, clock)
    cache.put(key)
    clock.now = 60
    again = LiveKey(key.id, key.tenant_id, key.purpose, "", key.material)
    assert cache.put(again) is key
    clock.now = 100
    assert cache.get(key.id) is None
    assert cache.put(again) is again


def test_retired_keys_open_but_are_not_the_active_one():
    cache, key = KeyCache(100, Clock()), live(active=False)
    cache.put(key)
    assert cache.get(key.id) is key
    assert cache.active(key.tenant_id, Purpose.FIELD, "") is None


def test_one_tenant_is_forgotten_at_once():
    cache, gone, stays = KeyCache(100, Clock()), live(), live()
    cache.put(gone)
    cache.put(stays)
    cache.forget(gone.tenant_id)
    assert cache.get(gone.id) is cache.active(gone.tenant_id, Purpose.FIELD, "") is None
    assert cache.get(stays.id) is stays


def test_an_idle_process_drops_its_keys_too():
    cache = KeyCache(0.05)
    cache.put(live())
    until = time.monotonic() + 5
    while len(cache) and time.monotonic() < until:
        time.sleep(0.01)
    assert len(cache) == 0


def test_a_key_serves_only_for_what_it_is_made():
    sealing, indexing = live(), LiveKey(uuid4(), uuid4(), Purpose.INDEX, "", MacKey(bytes(32)))
    assert isinstance(sealing.cipher, XaesKey)
    assert isinstance(indexing.mac, MacKey)
    with pytest.raises(Tampered):
        _ = sealing.mac
    with pytest.raises(Tampered):
        _ = indexing.cipher
    assert "XaesKey" not in repr(sealing)
