"""Planting known values in a canary tenant."""

from __future__ import annotations

from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound
from safehold.workspace.records import canary, selectors
from safehold.workspace.records.filters import Query
from safehold.workspace.records.flows.collections import create_collection
from safehold.workspace.records.flows.records import create_record, edit_record
from safehold.workspace.records.selectors.records import RecordView
from safehold.workspace.records.shape import SEALED

__all__ = ["plant_canaries"]


def plant_canaries(*, scope: Scope) -> None:
    """Plant the canary collection and its records where they are missing. Safe to repeat at every start.

    `scope` is the system's in a canary tenant: an owner's rights, both departments.
    """
    try:
        selectors.whole_collection(scope, canary.COLLECTION)
    except NotFound:
        create_collection(scope=scope, key=canary.COLLECTION, label="Canary", singular="Canary", fields=canary.FIELDS)
    present = {record.values["code"] for record in selectors.records(scope, canary.COLLECTION, Query()).records}
    for department, code in canary.MARKS.items():
        if code not in present:
            _mature(scope, _plant(scope, department, code))


def _plant(scope: Scope, department: int, code: str) -> RecordView:
    former = {each.value: f"{canary.FORMER} {canary.planted(each)}" for each in SEALED}
    values = {"code": code, "remark": f"planted in department {department}", **former}
    return create_record(scope=scope, collection=canary.COLLECTION, values=values, department=department)


def _mature(scope: Scope, record: RecordView) -> None:
    """Give the record a history."""
    values = {each.value: canary.planted(each) for each in SEALED}
    edit_record(scope=scope, collection=canary.COLLECTION, record_id=record.id, version=record.version, values=values)
