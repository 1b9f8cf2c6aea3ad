"""The child that gives a prepared database what every installation carries, and the demo where asked for."""

from __future__ import annotations

import os

from safehold.operations.processes.child import refuse_unsafe_role, set_up_django

__all__ = ["plant_canaries", "run"]


def run() -> None:
    """Make the canary tenants and, where asked for, the demo; prints how to sign in to it."""
    set_up_django()
    refuse_unsafe_role()
    plant_canaries()
    if os.environ.get("SAFEHOLD_DEMO"):
        from safehold.workspace.demo import flows  # noqa: PLC0415  (needs Django set up, like all below)

        flows.make_demo()
        print(flows.welcome(), flush=True)  # noqa: T201  (the supervisor shows what this child prints)


def plant_canaries() -> None:
    """Make the two canary tenants, the accounts that checks sign in as and what is planted there, or complete them."""
    from safehold.foundation.identity.flows import ensure_canary_accounts  # noqa: PLC0415
    from safehold.foundation.scope.scope import Kind, Scope  # noqa: PLC0415
    from safehold.foundation.scope.transaction import scoped  # noqa: PLC0415
    from safehold.foundation.tenancy.flows import ensure_canaries  # noqa: PLC0415
    from safehold.foundation.tenancy.selectors import canaries, system_scope  # noqa: PLC0415
    from safehold.workspace.records.flows import plant_canaries as plant_records  # noqa: PLC0415

    scope = Scope(Kind.PLATFORM, actor="system:up")
    with scoped(scope):
        ensure_canaries(scope=scope)
    with scoped(scope):
        ensure_canary_accounts(scope=scope)
    for tenant_id in canaries():
        with scoped(system_scope(tenant_id, "up")) as inside:
            plant_records(scope=inside)
