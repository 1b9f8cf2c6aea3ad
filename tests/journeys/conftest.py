"""What the journeys share: the sealer at its work."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

from safehold.kernel.installation import Installation


@pytest.fixture(scope="module")
def sealer(installation: Installation) -> Iterator[Any]:
    """A sealer that seals when a test says so."""
    from safehold.foundation.audit.sealer import Sealer
    from safehold.foundation.audit.signing import signer
    from safehold.foundation.audit.statements import connect

    with connect("sealer") as connection:
        connection.autocommit = True
        yield Sealer(connection, installation, signer(installation))


@pytest.fixture
def sealing(sealer: Any) -> Iterator[None]:
    """The sealer at work all the time, as in a running installation."""
    from safehold.foundation.audit.sealer import run_forever

    sealer.catch_up()
    stop = Event()
    thread = Thread(target=run_forever, args=(stop,), name="sealer")
    thread.start()
    yield
    stop.set()
    thread.join()
