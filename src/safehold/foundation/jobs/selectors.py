"""Every read of the queue by a tenant's scope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.scope import Scope

__all__ = ["Job", "jobs"]


@dataclass(frozen=True, slots=True)
class Job:
    """One job of the tenant's: what is to be done with which rows, for whom, and how it stands ("todo", "doing", …)."""

    task: str
    ids: Mapping[str, UUID]
    asked_by: UUID | None
    status: str


def jobs(scope: Scope) -> list[Job]:
    """The jobs of the scope's tenant that wait, run or failed, the oldest first; what succeeded is gone."""
    scope.tenant  # noqa: B018  (raises outside a tenant)
    with connection.cursor() as cursor:
        cursor.execute(sql_parts("safehold.foundation.jobs", "doors.sql")["list"])
        rows = cursor.fetchall()
    return [Job(task, _ids(ids), asked_by, status) for task, ids, asked_by, status in rows]


def _ids(given: str | Mapping[str, str]) -> dict[str, UUID]:
    """Django's cursors leave JSON as text, which the driver would read."""
    read: Mapping[str, str] = json.loads(given) if isinstance(given, str) else given
    return {key: UUID(value) for key, value in read.items()}
