"""Collects the promises and checks that every room declares in its `promises.py`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from safehold.kernel.promise import Check, Promise

__all__ = ["AREAS", "Entry", "register"]

AREAS: dict[str, str] = {
    "ISO": "Isolation",
    "ACC": "Access",
    "IDN": "Identity",
    "ENC": "Encryption and keys",
    "AUD": "Audit and logs",
    "RES": "Resilience",
    "PRV": "Privacy",
    "SUB": "Sub-processors",
    "INC": "Incidents",
    "VUL": "Vulnerabilities",
    "PPL": "People and policies",
    "WRK": "Workspace",
}
"""The areas in the order visitors meet them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A promise and the checks that prove it; none makes it unproven."""

    promise: Promise
    checks: tuple[Check, ...]


def _order(promise_id: str) -> tuple[int, int]:
    area, _, number = promise_id.partition("-")
    return list(AREAS).index(area), int(number)


@cache
def register() -> dict[str, Entry]:
    """Every promise by its id, in the register's order.

    Raises ValueError where two rooms declare one promise, or a check names a promise that nobody declares: either would
    make the register lie.
    """
    promises: dict[str, Promise] = {}
    checks: dict[str, list[Check]] = defaultdict(list)
    for config in apps.get_app_configs():
        name = f"{config.name}.promises"
        if not config.name.startswith("safehold.") or find_spec(name) is None:
            continue
        module = import_module(name)
        for promise in getattr(module, "PROMISES", ()):
            if promise.id in promises:
                raise ValueError(f"promise {promise.id} is declared twice")
            promises[promise.id] = promise
        for check in getattr(module, "CHECKS", ()):
            checks[check.promise].append(check)
    if unknown := set(checks) - set(promises):
        raise ValueError(f"checks name promises that nobody declares: {sorted(unknown)}")
    return {key: Entry(promises[key], tuple(checks[key])) for key in sorted(promises, key=_order)}
