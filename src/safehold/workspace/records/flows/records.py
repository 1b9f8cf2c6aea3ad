"""Writes of single records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from safehold.foundation.access.matrix import FieldClass, Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound, Problem
from safehold.workspace.records import events, selectors
from safehold.workspace.records.columns import Batch, sealed_texts, unsealed
from safehold.workspace.records.errors import InvalidRecord, RecordChanged, StillReferred
from safehold.workspace.records.flows.storing import (
    Clash,
    change_words,
    claim,
    keep_version,
    one,
    prepared,
    release,
    written_columns,
)
from safehold.workspace.records.models import SEALED_COLUMNS, Record, Version
from safehold.workspace.records.selectors.lookups import find_targets
from safehold.workspace.records.selectors.records import RecordView
from safehold.workspace.records.shape import FieldShape, Shape
from safehold.workspace.records.validation import Given, checked
from safehold.workspace.records.values import FieldType

__all__ = ["create_record", "delete_record", "edit_record", "move_record", "restore_record"]

Row = Mapping[str, Any]


@transaction.atomic
def create_record(
    *, scope: Scope, collection: str, values: Mapping[str, str | None], department: int = 0
) -> RecordView:
    """Create a record from values by field, as people write them; a reference is given by the code of its target.

    Raises `InvalidRecord`, with a problem at each field that can't be taken.
    """
    scope.require(Permission.RECORDS_CREATE)
    whole = selectors.whole_collection(scope, collection)
    _require_department(scope, department)
    given = _values(scope, whole.readable(scope.readable), values, creating=True)
    record_id = new_id()
    batch = one(whole, record_id, department, given)
    _refuse_clashes(prepared(scope, batch, action="created", at=now()).carry_out())
    fields = {"collection": whole.key, "fields": _names(whole, _filled(given)), "department": department}
    audit.record(scope, events.RECORD_CREATED, on=f"record:{record_id}", fields=fields)
    return selectors.record(scope, collection, record_id)


@transaction.atomic
def edit_record(
    *, scope: Scope, collection: str, record_id: UUID, version: int, values: Mapping[str, str | None]
) -> RecordView:
    """Change some values of a record. `version` is the one the editor saw: `RecordChanged` if it is another by now.

    Only classes with a changed field are opened and sealed anew; the others stay as they are.
    """
    scope.require(Permission.RECORDS_EDIT)
    whole = selectors.whole_collection(scope, collection)
    row = _locked(scope, whole, record_id, version)
    given = _values(scope, whole.readable(scope.readable), values, creating=False)
    touched = whole.readable({FieldClass.OPEN, *(each.field_class for each in _fields(whole, given))})
    before = _held(touched, row)
    changed = [each for each in _fields(whole, given) if before.get(each.key) != given[each.key]]
    if changed:
        old, new = (one(touched, record_id, row["department"], values) for values in (before, before | given))
        _write_change(scope, row, old, new, changed)
        fields = {"collection": whole.key, "fields": _names(whole, changed), "version": row["version"] + 1}
        audit.record(scope, events.RECORD_EDITED, on=f"record:{record_id}", fields=fields)
    return selectors.record(scope, collection, record_id)


@transaction.atomic
def move_record(*, scope: Scope, collection: str, record_id: UUID, version: int, department: int) -> RecordView:
    """Give a record to another department, with all that it is found by. The mover reaches both."""
    scope.require(Permission.RECORDS_EDIT)
    _require_department(scope, department)
    whole = selectors.whole_collection(scope, collection)
    row = _locked(scope, whole, record_id, version)
    if row["department"] != department:
        held = _held(whole, row)
        before, after = (one(whole, record_id, number, held) for number in (row["department"], department))
        change_words(before, after, new_id)
        keep_version(scope, record_id)
        _update(scope, row, action="edited", changed=[], department=department)
        release(scope, before, whole.fields)
        Version.objects.filter(tenant_id=scope.tenant, record_id=record_id).update(department=department)
        _refuse_clashes(claim(after, whole.fields))
        fields = {"collection": whole.key, "department": department, "version": row["version"] + 1}
        audit.record(scope, events.RECORD_MOVED, on=f"record:{record_id}", fields=fields)
    return selectors.record(scope, collection, record_id)


@transaction.atomic
def delete_record(*, scope: Scope, collection: str, record_id: UUID, version: int | None = None) -> None:
    """Put a record into the trash; its unique values are free again. Not while others refer to it."""
    scope.require(Permission.RECORDS_DELETE)
    whole = selectors.whole_collection(scope, collection)
    row = _locked(scope, whole, record_id, version)
    if referring := selectors.referring(scope, record_id):
        who = ", ".join(f"{count:,} of {shape.label} by {each.label}" for shape, each, count in referring)
        raise StillReferred(hint=f"Change or delete these first: {who}.")
    keep_version(scope, record_id)
    _update(scope, row, action="deleted", changed=[], deleted_at=now())
    held, unique = _unique_values(whole, row)
    release(scope, held, unique)
    fields = {"collection": whole.key, "version": row["version"] + 1}
    audit.record(scope, events.RECORD_DELETED, on=f"record:{record_id}", fields=fields)


@transaction.atomic
def restore_record(*, scope: Scope, collection: str, record_id: UUID) -> RecordView:
    """Take a record out of the trash; `InvalidRecord` if another has its unique values by now."""
    scope.require(Permission.RECORDS_DELETE)
    whole = selectors.whole_collection(scope, collection)
    row = _locked(scope, whole, record_id, None, deleted=True)
    held, unique = _unique_values(whole, row)
    _refuse_clashes(claim(held, unique))
    keep_version(scope, record_id)
    _update(scope, row, action="restored", changed=[], deleted_at=None)
    fields = {"collection": whole.key, "version": row["version"] + 1}
    audit.record(scope, events.RECORD_RESTORED, on=f"record:{record_id}", fields=fields)
    return selectors.record(scope, collection, record_id)


def _require_department(scope: Scope, department: int) -> None:
    if department not in scope.departments:
        expected = "the number of a department that you reach"
        raise InvalidRecord(problems=(Problem("department", expected, str(department)),))


def _values(scope: Scope, shape: Shape, values: Mapping[str, str | None], *, creating: bool) -> Given:
    """The given values checked, references turned into ids."""
    given = checked(shape, values, creating=creating)
    problems = []
    for each in _fields(shape, given):
        value = given[each.key]
        if each.type is FieldType.REFERENCE and value is not None:
            target = find_targets(scope, each, [value.strip()]).get(value.strip())
            given[each.key] = str(target)
            if target is None:
                problems.append(Problem(each.key, "the code of a record that exists", value[:40]))
    if problems:
        raise InvalidRecord(problems=tuple(problems))
    return given


def _locked(scope: Scope, shape: Shape, record_id: UUID, version: int | None, *, deleted: bool = False) -> Row:
    """The record's row, held until the transaction ends, so that of two editors one sees the other's version."""
    rows = Record.objects.select_for_update().filter(
        tenant_id=scope.tenant, collection_id=shape.id, id=record_id, deleted_at__isnull=not deleted
    )
    sealed = [name for column in SEALED_COLUMNS for name in (column, f"{column}_version")]
    row: Row | None = rows.values("id", "version", "department", "open", *sealed).first()
    if row is None:
        raise NotFound("There is no such record.")
    if version is not None and row["version"] != version:
        raise RecordChanged(record_id, given=version, current=row["version"])
    return row


def _held(shape: Shape, row: Row) -> dict[str, str | None]:
    """What the record holds in the fields of this shape, references as ids; only the shape's classes are opened."""
    held: dict[str, str | None] = dict(row["open"])
    for each in shape.sealed_classes:
        if (blob := row[each.value]) is not None:
            (plain,) = unsealed(shape.tenant_id, [(each, row["id"], row[f"{each.value}_version"], blob)])
            held |= json.loads(plain)
    return held


def _unique_values(whole: Shape, row: Row) -> tuple[Batch, list[FieldShape]]:
    """The record's values in its unique fields, and these fields. Whoever deletes or restores it may see fewer."""
    unique = [each for each in whole.fields if each.unique]
    shape = whole.readable({FieldClass.OPEN, *(each.field_class for each in unique)})
    return one(shape, row["id"], row["department"], _held(shape, row)), unique


def _write_change(scope: Scope, row: Row, old: Batch, new: Batch, changed: Sequence[FieldShape]) -> None:
    """Write what an edit changed: the record, its history, what it is found by, its unique values and references."""
    record_id, version = row["id"], row["version"] + 1
    keep_version(scope, record_id)
    sealed: dict[str, Any] = {}
    for each in {each.field_class for each in changed} - {FieldClass.OPEN}:
        sealed |= {each.value: sealed_texts(new, each, [version])[0], f"{each.value}_version": version}
    keys = [each.key for each in changed]
    _update(scope, row, action="edited", changed=keys, **sealed, **written_columns(new))
    change_words(old, new, new_id)
    release(scope, old, changed)
    _refuse_clashes(claim(new, changed))


def _update(scope: Scope, row: Row, **columns: Any) -> None:
    Record.objects.filter(tenant_id=scope.tenant, id=row["id"]).update(
        version=row["version"] + 1, updated_at=now(), updated_by=scope.actor, **columns
    )


def _refuse_clashes(clashes: Iterable[Clash]) -> None:
    problems = tuple(
        Problem(clash.field.key, f"a value that no other record has, since {clash.field.label} is unique")
        for clash in clashes
    )
    if problems:
        raise InvalidRecord(problems=problems)


def _fields(shape: Shape, given: Given) -> list[FieldShape]:
    return [each for each in shape.fields if each.key in given]


def _filled(given: Given) -> list[str]:
    return [key for key, value in given.items() if value is not None]


def _names(shape: Shape, fields: Iterable[FieldShape | str]) -> str:
    """Names of fields as events keep them, in the order of the collection."""
    keys = {each if isinstance(each, str) else each.key for each in fields}
    return ", ".join(each.key for each in shape.fields if each.key in keys)
