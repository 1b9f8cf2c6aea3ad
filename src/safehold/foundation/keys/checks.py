"""What must be right with keys before a process starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Critical, register

from safehold.foundation.keys.installed import bao_place
from safehold.foundation.keys.keyring import check_label
from safehold.kernel.errors import SafeholdError
from safehold.kernel.installation import Installation

__all__ = ["key_ring_is_ours"]


def _bao_is_ready(installation: Installation) -> list[CheckMessage]:
    """Who turns to OpenBao with keys in the folder would find that nothing opens."""
    try:
        bao_place(installation)
    except SafeholdError as error:
        return [Critical(error.message, hint=error.hint, id="keys.E002")]
    if any((installation.keys / installation.environment).glob("*-*-*-*-*.json")):
        return [
            Critical(
                "The tenants' keys lie in the folder of this home, but the settings say that OpenBao keeps them.",
                hint="Take openbao_url out again; only a new installation can begin with OpenBao.",
                id="keys.E003",
            )
        ]
    return []


@register("keys")
def key_ring_is_ours(**_: Any) -> list[CheckMessage]:
    """Production's keys don't serve staging: a ring with another environment's label stops the start."""
    installation = settings.SAFEHOLD
    if installation.openbao_url:
        return _bao_is_ready(installation)
    try:
        check_label(installation.keys / installation.environment, installation.environment)
    except SafeholdError as error:
        return [Critical(error.message, hint=error.hint, id="keys.E001")]
    return []
