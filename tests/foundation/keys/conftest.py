"""What tests of keys share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest

CountReads = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def django_assert_reads() -> CountReads:
    """Counts what is sent to the database."""
    from django.db import connection

    @contextmanager
    def count(expected: int) -> Iterator[None]:
        sent: list[str] = []

        def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            sent.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            yield
        assert len(sent) == expected, sent

    return count


@pytest.fixture
def as_superuser(superuser: psycopg.Connection) -> Callable[[str], None]:
    """Does to the database what only somebody who holds the whole server can."""

    def run(statement: str) -> None:
        superuser.execute(statement.encode())

    return run
