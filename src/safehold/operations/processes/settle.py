"""The child that gives a prepared database what every installation carries, and the demo where asked for."""

from __future__ import annotations

import os

from safehold.operations.errors import StartProblem
from safehold.operations.processes.child import refuse_unsafe_role, set_up_django

__all__ = ["plant_canaries", "refuse_contradictions", "run"]


def run() -> None:
    """Make the canary tenants and, where asked for, the demo; prints how to sign in to it."""
    set_up_django()
    refuse_unsafe_role()
    refuse_contradictions()
    plant_canaries()
    if os.environ.get("SAFEHOLD_DEMO"):
        from safehold.workspace.demo import flows  # noqa: PLC0415  (needs Django set up, like all below)

        flows.make_demo()
        print(flows.welcome(), flush=True)  # noqa: T201  (the supervisor shows what this child prints)


def refuse_contradictions() -> None:
    """Raise `StartProblem` for what the system checks call an error: a page without a permission, bad settings."""
    from django.core.checks import ERROR, run_checks  # noqa: PLC0415  (needs Django set up)

    found = [message for message in run_checks() if message.level >= ERROR and not message.is_silenced()]
    if found:
        told = "; ".join(f"{message.id}: {message.msg}" for message in found)
        raise StartProblem(f"The system checks refuse this. {told}", hint=found[0].hint or "")


def plant_canaries() -> None:
    """Make the two canary tenants, the accounts that checks sign in as and what is planted there, or complete them."""
    from safehold.foundation.identity.flows import ensure_canary_accounts  # noqa: PLC0415
    from safehold.foundation.objects.flows import plant_canaries as plant_objects  # noqa: PLC0415
    from safehold.foundation.scope.scope import Kind, Scope  # noqa: PLC0415
    from safehold.foundation.scope.transaction import scoped  # noqa: PLC0415
    from safehold.foundation.tenancy.flows import ensure_canaries, keep_logs  # noqa: PLC0415
    from safehold.foundation.tenancy.selectors import canaries, system_scope  # noqa: PLC0415
    from safehold.workspace.records.flows import plant_canaries as plant_records  # noqa: PLC0415

    scope = Scope(Kind.PLATFORM, actor="system:up")
    with scoped(scope):
        ensure_canaries(scope=scope)
        keep_logs(scope=scope)
    with scoped(scope):
        ensure_canary_accounts(scope=scope)
    for tenant_id in canaries():
        with scoped(system_scope(tenant_id, "up")) as inside:
            plant_records(scope=inside)
            plant_objects(scope=inside)
