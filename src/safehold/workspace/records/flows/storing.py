"""Putting records into their tables, one or thousands at once, and keeping what they are found by in step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from safehold.foundation.scope.scope import Scope
from safehold.workspace.records.columns import Batch, sealed_texts, slot_texts, texts
from safehold.workspace.records.models import SLOT_COLUMNS, Reference, Unique
from safehold.workspace.records.shape import SEALED, FieldShape, Shape
from safehold.workspace.records.statements import joined, run
from safehold.workspace.records.values import FieldType
from safehold.workspace.records.words import Posting, found_by, postings, unique_tokens

__all__ = [
    "Clash",
    "Stored",
    "add_words",
    "change_words",
    "claim",
    "keep_version",
    "one",
    "release",
    "store",
    "written_columns",
]


class Clash(NamedTuple):
    """A value of a unique field that another record has, and its position in the batch."""

    index: int
    field: FieldShape
    value: str


class Stored(NamedTuple):
    """What came of storing a batch. `digest` is SHA-256 over the rows as they lie there: open texts, sealed blobs."""

    clashes: list[Clash]
    digest: str


def one(shape: Shape, record_id: UUID, department: int, values: Mapping[str, str | None]) -> Batch:
    """A batch of one record."""
    return Batch(shape, [record_id], [department], {key: [value] for key, value in values.items()})


def store(scope: Scope, batch: Batch, *, action: str, at: datetime) -> Stored:
    """Add new records with everything they are found by.

    Clashes come back instead of an exception, since an import lists them all; the caller raises, and its transaction
    takes the rows back.
    """
    shape = batch.shape
    sealed = {each: sealed_texts(batch, each) for each in shape.sealed_classes}
    slots = slot_texts(batch)
    content = {
        "ids": joined(each.hex for each in batch.ids),
        "open": joined(texts(batch, shape.of_class_open)),
        **{each.value: joined(blob.hex() if blob else "" for blob in sealed.get(each, ())) or None for each in SEALED},
    }
    run(
        "add_records",
        tenant=scope.tenant,
        collection=shape.id,
        by=scope.actor,
        at=at,
        action=action,
        departments=joined(map(str, batch.departments)),
        **content,
        **{f"s{number}": joined(slots[number]) if number in slots else None for number in range(1, 9)},
    )
    add_words(shape, postings(batch))
    digest = hashlib.sha256("\x1e".join(text or "" for text in content.values()).encode())
    return Stored(claim(batch, shape.fields), digest.hexdigest())


def add_words(shape: Shape, rows: Sequence[Posting]) -> None:
    """Add index rows."""
    if rows:
        words, departments, ids, records = zip(*rows, strict=True)
        run(
            "add_words",
            tenant=shape.tenant_id,
            collection=shape.id,
            words=joined(words),
            departments=joined(map(str, departments)),
            ids=joined(ids),
            records=joined(records),
        )


def claim(batch: Batch, fields: Iterable[FieldShape]) -> list[Clash]:
    """Claim the values of unique fields, and note what references point to."""
    clashes: list[Clash] = []
    for each in fields:
        held = [(at, value) for at, value in enumerate(batch.column(each.key)) if value is not None]
        if each.unique and held:
            clashes += _claim_unique(batch, each, held)
        if each.type is FieldType.REFERENCE and held:
            _add_references(batch, each, held)
    return clashes


def _claim_unique(batch: Batch, each: FieldShape, held: Sequence[tuple[int, str]]) -> list[Clash]:
    tokens = unique_tokens(batch.shape.tenant_id, each, [value for _, value in held])
    rows = run(
        "add_unique",
        tenant=batch.shape.tenant_id,
        field=each.id,
        tokens=joined(map(str, tokens)),
        records=joined(batch.ids[at].hex for at, _ in held),
        departments=joined(str(batch.departments[at]) for at, _ in held),
    )
    if len(rows) == len(held):
        return []
    claimed = {token for (token,) in rows}
    first = {token: at for (at, _), token in reversed(list(zip(held, tokens, strict=True)))}
    return [
        Clash(at, each, value)
        for (at, value), token in zip(held, tokens, strict=True)
        if token not in claimed or first[token] != at
    ]


def _add_references(batch: Batch, each: FieldShape, held: Sequence[tuple[int, str]]) -> None:
    run(
        "add_references",
        tenant=batch.shape.tenant_id,
        field=each.id,
        records=joined(batch.ids[at].hex for at, _ in held),
        targets=joined(target for _, target in held),
        departments=joined(str(batch.departments[at]) for at, _ in held),
    )


def release(scope: Scope, record_id: UUID, fields: Iterable[FieldShape]) -> None:
    """Give up the unique values of a record, and what it points to, in these fields."""
    ids = [each.id for each in fields]
    Unique.objects.filter(tenant_id=scope.tenant, record_id=record_id, field_id__in=ids).delete()
    Reference.objects.filter(tenant_id=scope.tenant, record_id=record_id, field_id__in=ids).delete()


def keep_version(scope: Scope, record_id: UUID) -> None:
    """Put a record's present state into its history, as it is sealed, before it changes."""
    run("keep_version", tenant=scope.tenant, record=record_id)


def change_words(before: Batch, after: Batch, new_id: Callable[[], UUID]) -> None:
    """Bring the index in step with a record that changed. Both batches hold the same one record and the same fields."""
    (old,), (new,) = found_by(before), found_by(after)
    moved = before.departments != after.departments
    gone, come = (old, new) if moved else (old - new, new - old)
    if gone:
        run(
            "remove_words",
            tenant=before.shape.tenant_id,
            collection=before.shape.id,
            words=joined(sorted(gone)),
            department=before.departments[0],
            record=before.ids[0],
        )
    record, department = after.ids[0].hex, after.departments[0]
    add_words(after.shape, [Posting(word, department, new_id().hex, f"{{{record}}}") for word in sorted(come)])


def written_columns(batch: Batch) -> dict[str, Any]:
    """The open and sort columns of one record, as the query set writes them."""
    open_values = {each.key: batch.column(each.key)[0] for each in batch.shape.of_class_open}
    slots = slot_texts(batch)
    columns: dict[str, Any] = dict.fromkeys(SLOT_COLUMNS)
    columns |= {f"s{number}": values[0] for number, values in slots.items()}
    return columns | {"open": {key: value for key, value in open_values.items() if value is not None}}
