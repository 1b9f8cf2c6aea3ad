"""The child that seals the audit logs."""

from __future__ import annotations

from safehold.operations.processes.child import refuse_unsafe_role, set_up_django, until_stopped

__all__ = ["run"]


def run() -> None:
    """Seal until told to stop."""
    set_up_django()
    refuse_unsafe_role()
    from safehold.foundation.audit.sealer import run_forever  # noqa: PLC0415  (needs Django set up)

    until_stopped(run_forever)
