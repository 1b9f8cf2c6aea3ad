"""Writing a collection's records anew after one of its fields changed: sealed, sorted and found as it now says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import Problem
from safehold.workspace.records.columns import Batch, Column, sealed_texts, slot_texts, texts
from safehold.workspace.records.conf import MAX_PROBLEMS
from safehold.workspace.records.errors import InvalidRecord
from safehold.workspace.records.flows.storing import Prepared, claim, word_steps
from safehold.workspace.records.models import SEALED_COLUMNS, Record, Reference, Unique, Version, Word
from safehold.workspace.records.selectors.records import opened
from safehold.workspace.records.shape import SEALED, FieldShape, Shape
from safehold.workspace.records.statements import joined, run
from safehold.workspace.records.values import Unfit, reader
from safehold.workspace.records.words import postings

__all__ = ["rebuild"]

_AT_ONCE = 500
_SEALED = [name for column in SEALED_COLUMNS for name in (column, f"{column}_version")]

Row = Mapping[str, Any]


def rebuild(scope: Scope, before: Shape, after: Shape) -> int:
    """Rewrite every record of the collection and every former version; returns how many records there are.

    Raises `InvalidRecord` with the records that the new shape can't take; the caller's transaction takes all back.
    """
    ids = [each.id for each in before.fields]
    Word.objects.filter(tenant_id=scope.tenant, collection_id=before.id).delete()
    Unique.objects.filter(tenant_id=scope.tenant, field_id__in=ids).delete()
    Reference.objects.filter(tenant_id=scope.tenant, field_id__in=ids).delete()
    problems: list[Problem] = []
    count = 0
    rows = Record.objects.select_for_update().filter(tenant_id=scope.tenant, collection_id=before.id)
    for chunk in _chunks(rows):
        count += len(chunk)
        problems += _rebuild_records(before, after, chunk)
        _rebuild_versions(scope, before, after, [row["id"] for row in chunk])
        if len(problems) >= MAX_PROBLEMS:
            break
    if problems:
        raise InvalidRecord("Some records don't fit this field as asked.", problems=tuple(problems[:MAX_PROBLEMS]))
    return count


def _chunks(rows: QuerySet[Record]) -> Iterator[list[Row]]:
    after: UUID | None = None
    while True:
        following = rows.filter(id__gt=after) if after else rows
        columns = ("id", "version", "department", "deleted_at", "open", *_SEALED)
        chunk = list(following.order_by("id").values(*columns)[:_AT_ONCE])
        if chunk:
            yield chunk
        if len(chunk) < _AT_ONCE:
            return
        after = chunk[-1]["id"]


def _rebuild_records(before: Shape, after: Shape, rows: Sequence[Row]) -> list[Problem]:
    batch = _batch(before, after, rows, "id")
    problems = [problem for at, row in enumerate(rows) if row["deleted_at"] is None for problem in _unfit(batch, at)]
    slots = slot_texts(batch)
    numbered = {f"s{number}": joined(slots[number]) if number in slots else None for number in range(1, 9)}
    run("reseal_records", **_written(batch, [row["version"] for row in rows]), **numbered)
    Prepared(word_steps(after, postings(batch)), "").carry_out()
    live = [at for at, row in enumerate(rows) if row["deleted_at"] is None]
    gone = [at for at, row in enumerate(rows) if row["deleted_at"] is not None]
    clashes = claim(batch.part(live), after.fields) if live else []
    if gone:
        claim(batch.part(gone), [each for each in after.fields if not each.unique])
    problems += [
        Problem(f"record {_name(batch, live[clash.position])}, {clash.field.key}", "a value that no other record has")
        for clash in clashes
    ]
    return problems


def _rebuild_versions(scope: Scope, before: Shape, after: Shape, record_ids: Sequence[UUID]) -> None:
    """Former versions follow, or a value that is sealed from now on would still lie open in the history."""
    former = Version.objects.filter(tenant_id=scope.tenant, record_id__in=record_ids)
    rows = list(former.values("record_id", "version", "department", "open", *_SEALED))
    if rows:
        run("reseal_versions", **_written(_batch(before, after, rows, "record_id"), [row["version"] for row in rows]))


def _batch(before: Shape, after: Shape, rows: Sequence[Row], id_column: str) -> Batch:
    """The rows' values, opened as they were sealed, in the form that the new types give them where they fit."""
    held = opened(before, rows, record_id=id_column)
    batch = Batch(after, [row[id_column].hex for row in rows], [row["department"] for row in rows])
    for each in after.fields:
        column: Column = [values.get(each.key) for values in held]
        old = before.find(each.key)
        if old is not None and (old.type, old.choices) != (each.type, each.choices):
            column = [_converted(each, value) for value in column]
        batch.values[each.key] = column
    return batch


def _converted(each: FieldShape, value: str | None) -> str | None:
    try:
        return None if value is None else reader(each.type, each.choices)(value)
    except Unfit:
        return value


def _unfit(batch: Batch, at: int) -> Iterator[Problem]:
    """What keeps a record from having the new shape."""
    for each in batch.shape.fields:
        value = batch.column(each.key)[at]
        place = f"record {_name(batch, at)}, {each.key}"
        if value is None:
            if each.required:
                yield Problem(place, f"something in {each.label}", "nothing")
            continue
        try:
            reader(each.type, each.choices)(value)
        except Unfit as unfit:
            yield Problem(place, unfit.expected)


def _name(batch: Batch, at: int) -> str:
    code = batch.shape.code_field
    held = batch.column(code.key)[at] if code is not None and code.is_open else None
    return held or str(UUID(batch.ids[at]))


def _written(batch: Batch, versions: Sequence[int]) -> dict[str, Any]:
    """The parameters that both statements share: ids, versions, open texts and sealed blobs, one text a column."""
    sealed = {each: sealed_texts(batch, each, versions) for each in batch.shape.sealed_classes}
    return {
        "tenant": batch.shape.tenant_id,
        "ids": joined(batch.ids),
        "versions": joined(map(str, versions)),
        "open": joined(texts(batch, batch.shape.of_class_open)),
        **{each.value: joined(blob.hex() if blob else "" for blob in sealed.get(each, ())) or None for each in SEALED},
    }
