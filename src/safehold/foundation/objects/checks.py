"""What must be right with stored files before a process starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Critical, register

from safehold.foundation.objects.marker import marker_of_folder, refuse_other_store
from safehold.kernel.errors import SafeholdError

__all__ = ["store_is_ours"]


@register("objects")
def store_is_ours(**_: Any) -> list[CheckMessage]:
    """Production's files aren't staging's: a store with another environment's marker stops the start."""
    installation = settings.SAFEHOLD
    try:
        refuse_other_store(marker_of_folder(installation.objects), installation.environment)
    except SafeholdError as error:
        return [Critical(error.message, hint=error.hint, id="objects.E001")]
    return []
