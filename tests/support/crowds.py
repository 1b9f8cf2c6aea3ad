"""A thousand tenants with some hundred thousand rows, one with a fifth of them (crowd.sql), for tests of plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psycopg

from support.questions import make_given

__all__ = ["PLACES", "crowd"]

PLACES = {"the giant": 1, "a middling one": 300, "the smallest": 1000}
"""Who is asked, by size: the place among the thousand."""

_PIECES = re.split(r"^-- name: (\w+)$", (Path(__file__).parent / "crowd.sql").read_text(), flags=re.MULTILINE)
_PARTS = dict(zip(_PIECES[1::2], _PIECES[2::2], strict=True))


@contextmanager
def crowd(superuser: psycopg.Connection, records: int) -> Iterator[dict[str, SimpleNamespace]]:
    """Three tenants that our flows made, in their places; all rows of the thousand are gone afterwards."""
    given = {name: make_given() for name in PLACES}
    superuser.execute("set session_replication_role = replica")
    cursor = psycopg.ClientCursor(superuser)
    _fill(cursor, given, records)
    try:
        yield given
    finally:
        cursor.execute(_PARTS["empty"])
        cursor.execute(_PARTS["settle"])


def _fill(cursor: psycopg.ClientCursor, given: dict[str, SimpleNamespace], records: int) -> None:
    everybody = given.values()
    asked = {
        "records": records,
        "places": list(PLACES.values()),
        "tenants": [one.tenant.id for one in everybody],
        "collections": [one.shape.id for one in everybody],
        "codes": [one.shape.find("code").id for one in everybody],
        "chiefs": [one.shape.find("chief").id for one in everybody],
    }
    for part in ("tenants", "fill"):
        cursor.execute(_PARTS[part], asked)
    cursor.execute(_PARTS["settle"])
