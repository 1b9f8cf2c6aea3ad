"""The one statement that every audited write runs, sent the cheapest way.

libpq's own function with binary parameters, past Django's and psycopg's cursors: they cost about as much again as all
the rest that Python does for an event.
"""

from __future__ import annotations

import struct
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from django.db import connection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from safehold.foundation.audit.moments import micros
from safehold.foundation.audit.statements import statement

__all__ = ["Columns", "insert_event"]

Columns = tuple[UUID, UUID, datetime, str, str, str, bytes, bytes | None]
"""A row of audit_event: tenant_id, id, at, type, actor, target, body, personal."""

_UUID, _TIMESTAMPTZ, _TEXT, _BYTEA = 2950, 1184, 25, 17
_TYPES: Final = (_UUID, _UUID, _TIMESTAMPTZ, _TEXT, _TEXT, _TEXT, _BYTEA, _BYTEA)
_BINARY: Final = (1,) * len(_TYPES)
_YEAR_2000: Final = 946_684_800_000_000
"""PostgreSQL counts its microseconds from 2000-01-01."""


@cache
def _text() -> bytes:
    return statement("record", "record").encode()


def insert_event(row: Columns) -> None:
    """Insert one event in the open transaction. Raises Django's database errors, as a cursor would."""
    log, event_id, at, name, actor, target, body, personal = row
    moment = struct.pack("!q", micros(at) - _YEAR_2000)
    values = (log.bytes, event_id.bytes, moment, name.encode(), actor.encode(), target.encode(), body, personal)
    connection.ensure_connection()
    with connection.wrap_database_errors:
        result = connection.connection.pgconn.exec_params(_text(), values, _TYPES, _BINARY)
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)
