"""Trials: how a permission is tried for real. Each room lists its own in `trials.py`; the check of ACC-1 runs them all.

A trial does what the permission guards, by the same flow or selector that faces call, in a transaction that is undone.
It succeeds for a role that holds the permission, and is refused with `Denied` for one that doesn't; anything else that
goes wrong is a fault of the trial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from safehold.foundation.access.matrix import Permission

__all__ = ["DOORS", "Trial", "trials", "untried"]

DOORS = frozenset({Permission.PUBLIC, Permission.SIGNED_IN, Permission.MEMBER})
"""Not grants of a role: pages check them, and tests of every page try them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to try a permission. `run` takes the scope (of the room above) that it is tried with."""

    permission: Permission
    name: str
    run: Callable[[Any], object]


def trials() -> list[Trial]:
    """Every room's `TRIALS`, by permission."""
    found: list[Trial] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.trials"
        if config.name.startswith("safehold.") and config.label != "access" and find_spec(name) is not None:
            found.extend(import_module(name).TRIALS)
    return sorted(found, key=lambda trial: (trial.permission, trial.name))


def untried(given: list[Trial]) -> list[Permission]:
    """The permissions that no trial tries."""
    return sorted(set(Permission) - DOORS - {trial.permission for trial in given})
