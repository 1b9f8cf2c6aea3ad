"""What must be right with keys before a process starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Critical, register

from safehold.foundation.keys.keyring import check_label
from safehold.kernel.errors import SafeholdError

__all__ = ["key_ring_is_ours"]


@register("keys")
def key_ring_is_ours(**_: Any) -> list[CheckMessage]:
    """Production's keys don't serve staging: a ring with another environment's label stops the start."""
    installation = settings.SAFEHOLD
    try:
        check_label(installation.keys / installation.environment, installation.environment)
    except SafeholdError as error:
        return [Critical(error.message, hint=error.hint, id="keys.E001")]
    return []
