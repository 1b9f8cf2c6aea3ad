"""What this room's things are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest

from safehold.foundation.scope.request import request_scope
from safehold.foundation.staff import selectors
from safehold.ui.names import Named, Resolver

__all__ = ["NAMES"]


def _staff(request: HttpRequest, ids: list[UUID]) -> Mapping[UUID, Named]:
    names = selectors.names_of(request_scope(request), ids)
    return {key: Named(f"{name} (support)") for key, name in names.items()}


NAMES: dict[str, Resolver] = {"staff": _staff}
