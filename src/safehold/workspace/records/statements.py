"""The statements that Django's query sets can't say well: each a file under `sql/statements`, with named parameters.

Columns of many rows travel as one text each, divided by a character that no value can hold, and are taken apart by the
database. That is several times faster than arrays, whose every element the driver would have to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
from django.db import connection

__all__ = ["Background", "Rows", "Run", "joined", "run", "statement"]

Rows = list[tuple[Any, ...]]
Run = Callable[..., Rows]
"""`run`, or something that does the same elsewhere."""

T = TypeVar("T")

_DIVIDER = "\x1f"


@cache
def statement(name: str) -> bytes:
    """The text of `sql/statements/<name>.sql`."""
    return files(__package__).joinpath("sql", "statements", f"{name}.sql").read_bytes()


def joined(column: Iterable[str]) -> str:
    """A column as one parameter; the statement takes it apart with `string_to_array`."""
    return _DIVIDER.join(column)


def run(name: str, **parameters: object) -> Rows:
    """Run a statement in the open transaction, its parameters bound by the server, and return its rows, if any."""
    return _runner()(name, **parameters)


def _runner() -> Run:
    """A `run` for this thread's connection that works on any thread."""
    connection.ensure_connection()
    session, wrap_errors = connection.connection, connection.wrap_database_errors

    def run_there(name: str, **parameters: object) -> Rows:
        with wrap_errors, psycopg.Cursor(session) as cursor:
            cursor.execute(statement(name), parameters)
            return cursor.fetchall() if cursor.description else []

    return run_there


class Background:
    """Runs statements of the open transaction on a thread of their own, one piece of work after the other.

    While the database works, this process prepares what comes next. The session is the same and takes one statement
    at a time: whoever uses it meanwhile waits. Nothing is left running when the block ends.
    """

    def __enter__(self) -> Self:
        self._run = _runner()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="safehold-statements")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=error is not None)

    def submit(self, work: Callable[[Run], T]) -> Future[T]:
        """Have some work done; it is given a `run` of its own. Its result or error is in the future."""
        return self._thread.submit(work, self._run)
