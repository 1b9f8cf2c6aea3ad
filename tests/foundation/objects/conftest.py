"""What the tests of stored files share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from factories import make_tenant, system
from safehold.foundation.scope.scope import Scope
from safehold.kernel.installation import Installation


@pytest.fixture
def tenant(installation: Installation) -> UUID:
    return make_tenant("Files Ltd").id


@pytest.fixture
def scope(tenant: UUID) -> Scope:
    return system(tenant)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left over is so at once, not after an hour."""
    from datetime import timedelta

    from safehold.foundation.objects import flows

    monkeypatch.setattr(flows, "LEFT_OVER_AFTER", timedelta(days=-1))


@pytest.fixture
def elsewhere() -> Callable[[Callable[[], Any]], AbstractContextManager[list[Any]]]:
    """Runs work in a thread with a connection of its own; what it gave or raised is in the list at the end."""
    from django.db import connection

    @contextmanager
    def run(work: Callable[[], Any]) -> Iterator[list[Any]]:
        outcome: list[Any] = []

        def body() -> None:
            try:
                outcome.append(work())
            except Exception as error:  # noqa: BLE001  (the test looks at it)
                outcome.append(error)
            finally:
                connection.close()

        thread = Thread(target=body)
        thread.start()
        yield outcome
        thread.join(60)
        assert not thread.is_alive(), time.ctime()

    return run
