"""How the promises about stored files are proved. Their texts stand in scope and in keys."""

from __future__ import annotations

from safehold.foundation.objects.probes.environments import the_store_is_this_environments
from safehold.foundation.objects.probes.isolation import files_are_isolated
from safehold.foundation.objects.probes.register import files_lie_under_their_tenants_prefix
from safehold.foundation.objects.probes.tampering import altered_files_are_refused
from safehold.foundation.objects.probes.writes import WRITE_PROBES
from safehold.kernel.promise import Check

__all__ = ["CHECKS", "WRITE_PROBES"]

CHECKS: tuple[Check, ...] = (
    Check("ISO-6", "stored files belong to this environment alone", the_store_is_this_environments),
    Check("ISO-7", "each canary tries to reach the other's file in every way there is", files_are_isolated),
    Check("ISO-7", "every file lies under its own tenant's prefix", files_lie_under_their_tenants_prefix),
    Check("ENC-4", "altered copies of a stored file are opened", altered_files_are_refused),
)
