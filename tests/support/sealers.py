"""A sealer that seals when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from safehold.kernel.installation import Installation

__all__ = ["sealing"]


@contextmanager
def sealing(installation: Installation) -> Iterator[Any]:
    """The installation's sealer on a connection of its own, with all sealed that was there before."""
    from safehold.foundation.audit.sealer import Sealer
    from safehold.foundation.audit.signing import signer
    from safehold.foundation.audit.statements import connect

    with connect("sealer") as connection:
        connection.autocommit = True
        made = Sealer(connection, installation, signer(installation))
        made.catch_up()
        yield made
