"""The child that gives a prepared database what every installation carries, and the demo where asked for."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

from safehold.kernel.installation import Installation
from safehold.operations.files import replace
from safehold.operations.processes.child import set_up_django

__all__ = ["collect_static", "plant_canaries", "run"]


def run() -> None:
    """Make the canary tenants, collect the static files, and make the demo; prints how to sign in to it."""
    set_up_django()
    from django.conf import settings  # noqa: PLC0415  (needs Django set up, like all below)

    plant_canaries()
    collect_static(settings.SAFEHOLD)
    if os.environ.get("SAFEHOLD_DEMO"):
        from safehold.workspace.demo import flows  # noqa: PLC0415

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


def collect_static(installation: Installation) -> bool:
    """Put the static files where they are served from, under hashed names, unless they are the same as last time."""
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    sources = sorted(storage.path(path) for finder in get_finders() for path, storage in finder.list([]))
    digest = hashlib.sha256(version("django").encode())
    for source in sources:
        digest.update(f"{source}\n".encode() + Path(source).read_bytes())
    stamp = installation.home / "static" / ".collected"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    replace(stamp, digest.hexdigest().encode())
    return True
