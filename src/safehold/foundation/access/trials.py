"""Trials: how permissions and plans are tried for real. Each room lists its own in `trials.py`; a check runs them.

A trial does what the permission guards, by the same flow or selector that faces call, in a transaction that is undone.
It succeeds for a role that holds the permission, and is refused with `Denied` for one that doesn't; anything else that
goes wrong is a fault of the trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.plans import Amount, Feature

__all__ = ["DOORS", "PlanTrial", "Trial", "plan_trials", "trials", "untried"]

DOORS = frozenset({Permission.PUBLIC, Permission.SIGNED_IN, Permission.MEMBER, Permission.STAFF})
"""Not grants of a role: pages check them, and tests of every page try them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to try a permission. `run` takes the scope (of the room above) that it is tried with."""

    permission: Permission
    name: str
    run: Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class PlanTrial:
    """One way to find out how much of a feature a workspace really gets.

    `run` takes the scope of a workspace on some plan, and how many to try at most; it gives back what it got, with None
    where it was never refused.
    """

    feature: Feature
    name: str
    run: Callable[[Any, int], Amount]


def trials() -> list[Trial]:
    """Every room's `TRIALS`, by permission."""
    found: list[Trial] = [trial for module in _modules() for trial in module.TRIALS]
    return sorted(found, key=lambda trial: (trial.permission, trial.name))


def plan_trials() -> list[PlanTrial]:
    """Every room's `PLAN_TRIALS`, by feature."""
    found: list[PlanTrial] = [trial for module in _modules() for trial in getattr(module, "PLAN_TRIALS", ())]
    return sorted(found, key=lambda trial: (trial.feature, trial.name))


def _modules() -> Iterator[Any]:
    for config in apps.get_app_configs():
        name = f"{config.name}.trials"
        if config.name.startswith("safehold.") and config.label != "access" and find_spec(name) is not None:
            yield import_module(name)


def untried(given: list[Trial]) -> list[Permission]:
    """The permissions that no trial tries."""
    return sorted(set(Permission) - DOORS - {trial.permission for trial in given})
