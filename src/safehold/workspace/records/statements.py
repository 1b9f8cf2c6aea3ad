"""The statements that Django's query sets can't say well: each a file under `sql/statements`, with named parameters.

Columns of many rows travel as one text each, divided by a character that no value can hold, and are taken apart by the
database. That is several times faster than arrays, whose every element the driver would have to look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from django.db import connection

__all__ = ["joined", "run"]

_DIVIDER = "\x1f"


@cache
def _statement(name: str) -> bytes:
    return files(__package__).joinpath("sql", "statements", f"{name}.sql").read_bytes()


def joined(column: Iterable[str]) -> str:
    """A column as one parameter; the statement takes it apart with `string_to_array`."""
    return _DIVIDER.join(column)


def run(name: str, **parameters: object) -> list[tuple[Any, ...]]:
    """Run a statement in the open transaction, its parameters bound by the server, and return its rows, if any."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_statement(name), parameters)
        return cursor.fetchall() if cursor.description else []
