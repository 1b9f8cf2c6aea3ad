"""Putting records into their tables, one or thousands at once, and keeping what they are found by in step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from safehold.foundation.scope.scope import Scope
from safehold.workspace.records.columns import Batch, sealed_texts, slot_texts, texts
from safehold.workspace.records.models import SLOT_COLUMNS, Reference, Unique
from safehold.workspace.records.shape import SEALED, FieldShape, Shape
from safehold.workspace.records.statements import Run, joined, run
from safehold.workspace.records.values import FieldType
from safehold.workspace.records.words import Postings, found_by, postings, unique_tokens

__all__ = [
    "Clash",
    "Prepared",
    "Step",
    "change_words",
    "claim",
    "claims",
    "keep_version",
    "one",
    "prepared",
    "release",
    "word_steps",
    "written_columns",
]


class Clash(NamedTuple):
    """A value of a unique field that another record has, and its position in the batch."""

    position: int
    field: FieldShape
    value: str


class Claim(NamedTuple):
    """The values that a batch wants to have in one unique field: positions, values and tokens."""

    field: FieldShape
    positions: list[int]
    values: list[str]
    tokens: list[int]


class Step(NamedTuple):
    """One statement that stores a part of a batch."""

    statement: str
    parameters: dict[str, Any]
    claim: Claim | None = None


class Prepared(NamedTuple):
    """A batch that is ready to be stored: only the database has work left.

    `digest` is SHA-256 over the rows as they will lie there: ids, open texts and sealed blobs.
    """

    steps: list[Step]
    digest: str

    def carry_out(self, run: Run = run) -> list[Clash]:
        """Store it. Clashes come back instead of an exception, since an import lists them all; the caller raises."""
        clashes: list[Clash] = []
        for step in self.steps:
            rows = run(step.statement, **step.parameters)
            if step.claim is not None and len(rows) < len(step.claim.values):
                clashes += _clashes(step.claim, {token for (token,) in rows})
        return clashes


def one(shape: Shape, record_id: UUID, department: int, values: Mapping[str, str | None]) -> Batch:
    """A batch of one record."""
    return Batch(shape, [record_id.hex], [department], {key: [value] for key, value in values.items()})


def prepared(scope: Scope, batch: Batch, *, action: str, at: datetime) -> Prepared:
    """New records with everything they are found by, sealed and written out for the statements that store them."""
    shape = batch.shape
    sealed = {each: sealed_texts(batch, each) for each in shape.sealed_classes}
    slots = slot_texts(batch)
    content = {
        "ids": joined(batch.ids),
        "open": joined(texts(batch, shape.of_class_open)),
        **{each.value: joined(blob.hex() if blob else "" for blob in sealed.get(each, ())) or None for each in SEALED},
    }
    parameters = {
        "tenant": scope.tenant,
        "collection": shape.id,
        "by": scope.actor,
        "at": at,
        "action": action,
        "departments": joined(map(str, batch.departments)),
        **content,
        **{f"s{number}": joined(slots[number]) if number in slots else None for number in range(1, 9)},
    }
    steps = [Step("add_records", parameters), *word_steps(shape, postings(batch)), *claims(batch, shape.fields)]
    digest = hashlib.sha256("\x1e".join(text or "" for text in content.values()).encode())
    return Prepared(steps, digest.hexdigest())


def word_steps(shape: Shape, rows: Postings) -> list[Step]:
    """The statement that adds index rows, if there are any."""
    if not rows.words:
        return []
    parameters = {
        "tenant": shape.tenant_id,
        "collection": shape.id,
        "words": joined(rows.words),
        "departments": joined(rows.departments),
        "ids": joined(rows.firsts),
        "records": joined(rows.records),
    }
    return [Step("add_words", parameters)]


def claims(batch: Batch, fields: Iterable[FieldShape]) -> list[Step]:
    """The statements that claim the values of unique fields and note what references point to."""
    steps = []
    for each in fields:
        held = [at for at, value in enumerate(batch.column(each.key)) if value is not None]
        if each.unique and held:
            steps.append(_claim(batch, each, held))
        elif each.type is FieldType.REFERENCE and held:
            targets = {"targets": joined(_values(batch, each, held))}
            steps.append(Step("add_references", _about(batch, each, held) | targets))
    return steps


def claim(batch: Batch, fields: Iterable[FieldShape]) -> list[Clash]:
    """Claim the values of unique fields of records that are there, and note what their references point to."""
    return Prepared(claims(batch, fields), "").carry_out()


def _claim(batch: Batch, each: FieldShape, held: list[int]) -> Step:
    values = _values(batch, each, held)
    tokens = unique_tokens(batch.shape.tenant_id, each, values)
    parameters = _about(batch, each, held) | {"tokens": joined(map(str, tokens))}
    return Step("add_unique", parameters, Claim(each, held, values, tokens))


def _about(batch: Batch, each: FieldShape, held: list[int]) -> dict[str, Any]:
    """The parameters that both kinds of statement have: whose field, which records, of which departments."""
    return {
        "tenant": batch.shape.tenant_id,
        "field": each.id,
        "records": joined([batch.ids[at] for at in held]),
        "departments": joined([str(batch.departments[at]) for at in held]),
    }


def _values(batch: Batch, each: FieldShape, held: list[int]) -> list[str]:
    column = batch.column(each.key)
    return [value for at in held if (value := column[at]) is not None]


def _clashes(wanted: Claim, claimed: set[int]) -> list[Clash]:
    """The values that could not be claimed: other records' ones, and repetitions within the batch."""
    places = list(zip(wanted.positions, wanted.values, wanted.tokens, strict=True))
    first = {token: at for at, _, token in reversed(places)}
    return [Clash(at, wanted.field, value) for at, value, token in places if token not in claimed or first[token] != at]


def release(scope: Scope, held: Batch, fields: Iterable[FieldShape]) -> None:
    """Give up the unique values of the one record of a batch, and what it points to, in these fields."""
    record_id, fields = UUID(held.ids[0]), list(fields)
    for each in fields:
        value = held.column(each.key)[0]
        if each.unique and value is not None:
            tokens = unique_tokens(scope.tenant, each, [value])
            Unique.objects.filter(
                tenant_id=scope.tenant, field_id=each.id, token__in=tokens, record_id=record_id
            ).delete()
    ids = [each.id for each in fields if each.type is FieldType.REFERENCE]
    if ids:
        Reference.objects.filter(tenant_id=scope.tenant, record_id=record_id, field_id__in=ids).delete()


def keep_version(scope: Scope, record_id: UUID) -> None:
    """Put a record's present state into its history, as it is sealed, before it changes."""
    run("keep_version", tenant=scope.tenant, record=record_id)


def change_words(before: Batch, after: Batch, new_id: Callable[[], UUID]) -> None:
    """Bring the index in step with a record that changed. Both batches hold the same one record and the same fields."""
    old, new = found_by(before), found_by(after)
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
    record, department = after.ids[0], after.departments[0]
    rows = [(word, str(department), new_id().hex, f"{{{record}}}") for word in sorted(come)]
    if rows:
        Prepared(word_steps(after.shape, Postings(*map(list, zip(*rows, strict=True)))), "").carry_out()


def written_columns(batch: Batch) -> dict[str, Any]:
    """The open and sort columns of one record, as the query set writes them."""
    open_values = {each.key: batch.column(each.key)[0] for each in batch.shape.of_class_open}
    slots = slot_texts(batch)
    columns: dict[str, Any] = dict.fromkeys(SLOT_COLUMNS)
    columns |= {f"s{number}": values[0] for number, values in slots.items()}
    return columns | {"open": {key: value for key, value in open_values.items() if value is not None}}
