"""A sealer that seals when a test says so, a tenant with its scope, and a superuser who breaks things on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import factories
from safehold.foundation.scope.scope import Scope
from safehold.kernel.installation import Installation


@pytest.fixture
def sealer(installation: Installation) -> Iterator[Any]:
    from safehold.foundation.audit.sealer import Sealer
    from safehold.foundation.audit.signing import signer
    from safehold.foundation.audit.statements import connect

    with connect("sealer") as connection:
        connection.autocommit = True
        sealer = Sealer(connection, installation, signer(installation))
        sealer.catch_up()
        yield sealer


@pytest.fixture
def scope(installation: Installation) -> Scope:
    return factories.scope_of(factories.make_tenant(), "owner")
