"""The register holds every promise once, and a check names one that exists."""

from __future__ import annotations

import pytest

from safehold.assurance import registry
from safehold.kernel.promise import Check, Promise, kept

PROMISED = {
    "ISO": 7,
    "ACC": 8,
    "IDN": 10,
    "ENC": 9,
    "AUD": 9,
    "RES": 9,
    "PRV": 17,
    "SUB": 7,
    "INC": 4,
    "VUL": 5,
    "PPL": 6,
    "WRK": 13,
}
# What the running system has to prove by now; the list only grows.
PROVED = [
    *(f"ISO-{number}" for number in range(1, 6)),
    *("ACC-1", "ACC-2", "ACC-3", "IDN-1", "IDN-3"),
    *("ENC-1", "ENC-2", "ENC-3", "AUD-1", "AUD-2", "AUD-3"),
]


def test_every_promise_is_there_once_and_in_order():
    wanted = [f"{area}-{number}" for area, count in PROMISED.items() for number in range(1, count + 1)]
    assert list(registry.register()) == wanted


def test_every_promise_says_something():
    for entry in registry.register().values():
        assert entry.promise.title
        assert len(entry.promise.text) > 20
        assert not entry.promise.title.endswith(".")


@pytest.mark.parametrize("promise", PROVED)
def test_what_is_proved_stays_proved(promise: str):
    assert registry.register()[promise].checks


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch):
    registry.register.cache_clear()
    yield monkeypatch
    registry.register.cache_clear()


def test_a_promise_declared_twice_is_refused(fresh: pytest.MonkeyPatch):
    from safehold.assurance import promises

    fresh.setattr(promises, "PROMISES", (*promises.PROMISES, promises.PROMISES[0]))
    with pytest.raises(ValueError, match="SUB-1 is declared twice"):
        registry.register()


def test_a_check_for_no_promise_is_refused(fresh: pytest.MonkeyPatch):
    from safehold.assurance import promises

    fresh.setattr(promises, "CHECKS", (Check("SUB-99", "nothing", lambda _: kept("")),))
    with pytest.raises(ValueError, match="SUB-99"):
        registry.register()


def test_a_promise_knows_its_area():
    assert Promise("ISO-1", "t", "x").area == "ISO"
