"""ISO-6: the store says which environment it belongs to, and no other is served from it."""

from __future__ import annotations

from django.conf import settings

from safehold.foundation.objects.errors import StoreMismatch
from safehold.foundation.objects.marker import marker_of_folder, refuse_other_store
from safehold.foundation.scope.environment import OTHER_ENVIRONMENTS
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["the_store_is_this_environments"]


def the_store_is_this_environments(probe: ProbeContext) -> Finding:
    """Ask for the store under our environment's name and under others'."""
    installation = settings.SAFEHOLD
    ours, marker = installation.environment, marker_of_folder(installation.objects)
    if marker is None:
        return broken("The stored files don't say which environment they belong to.")
    others = sorted(OTHER_ENVIRONMENTS - {ours})
    taken = [name for name in (ours, *others) if _serves(marker, name)]
    if taken != [ours]:
        return broken("The stored files serve another environment, or not ours.", served=taken, environment=ours)
    return kept(f"The stored files belong to {ours}; {len(others)} other names were refused.", refused=others)


def _serves(marker: bytes, environment: str) -> bool:
    try:
        refuse_other_store(marker, environment)
    except StoreMismatch:
        return False
    return True
