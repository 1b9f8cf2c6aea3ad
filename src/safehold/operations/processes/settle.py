"""The child that gives a prepared database what every installation carries, and the demo where asked for."""

from __future__ import annotations

from safehold.operations.processes.child import set_up_django

__all__ = ["run"]


def run() -> None:
    """Make the canary tenants."""
    set_up_django()
