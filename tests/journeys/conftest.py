"""What the journeys share: the sealer at its work."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

from safehold.kernel.installation import Installation
from support.sealers import sealing as sealing_of


@pytest.fixture(scope="module")
def sealer(installation: Installation) -> Iterator[Any]:
    """A sealer that seals when a test says so."""
    with sealing_of(installation) as made:
        yield made


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
