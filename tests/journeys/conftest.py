"""Two tenants with all of Northwind in them: one filled by the command line, one through the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from safehold.kernel.installation import Installation
from support.commands import safehold


@pytest.fixture(scope="module")
def sealer(installation: Installation) -> Iterator[Any]:
    """A sealer that seals when a test says so."""
    from safehold.foundation.audit.sealer import Sealer
    from safehold.foundation.audit.signing import signer
    from safehold.foundation.audit.statements import connect

    with connect("sealer") as connection:
        connection.autocommit = True
        yield Sealer(connection, installation, signer(installation))


@pytest.fixture(scope="session")
def command(installation: Installation):
    """Runs commands for the suite's installation."""
    assert installation
    return safehold
