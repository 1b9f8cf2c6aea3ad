"""A sealer that seals when a test says so, a tenant with its scope, and a superuser who breaks things on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import factories
from safehold.foundation.scope.scope import Scope
from safehold.kernel.installation import Installation
from support.sealers import sealing


@pytest.fixture
def sealer(installation: Installation) -> Iterator[Any]:
    with sealing(installation) as made:
        yield made


@pytest.fixture
def scope(installation: Installation) -> Scope:
    return factories.scope_of(factories.make_tenant(), "owner")
