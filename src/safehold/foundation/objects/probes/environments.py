"""ISO-6: the store says which environment it belongs to, and no other is served from it."""

from __future__ import annotations

from django.conf import settings

from safehold.foundation.objects.errors import StoreMismatch
from safehold.foundation.objects.installed import marker_of
from safehold.foundation.objects.stores import refuse_other_store
from safehold.kernel.promise import Finding, ProbeContext, broken, kept

__all__ = ["the_store_is_this_environments"]

_OTHERS = ("production", "staging", "test", "demo", "development")


def the_store_is_this_environments(probe: ProbeContext) -> Finding:
    """Ask for the store under our environment's name and under others'."""
    ours, marker = settings.SAFEHOLD.environment, marker_of(settings.SAFEHOLD)
    if marker is None:
        return broken("The stored files don't say which environment they belong to.")
    taken = [name for name in dict.fromkeys((*_OTHERS, ours)) if _serves(marker, name)]
    if taken != [ours]:
        return broken("The stored files serve another environment, or not ours.", served=taken, environment=ours)
    refused = [name for name in _OTHERS if name != ours]
    return kept(f"The stored files belong to {ours}; {len(refused)} other names were refused.", refused=refused)


def _serves(marker: bytes, environment: str) -> bool:
    try:
        refuse_other_store(marker, environment)
    except StoreMismatch:
        return False
    return True
