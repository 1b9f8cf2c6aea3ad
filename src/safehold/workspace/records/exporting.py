"""Records as CSV: exactly what a list shows to whoever asks, in cells that no spreadsheet runs and an import reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from safehold.workspace.records.cells import harmless
from safehold.workspace.records.importing.options import DEPARTMENT
from safehold.workspace.records.selectors.records import RecordView
from safehold.workspace.records.shape import Shape
from safehold.workspace.records.values import FieldType

__all__ = ["csv_chunks", "described", "header"]

_AS_IT_IS = frozenset({FieldType.NUMBER, FieldType.DATE})


def header(shape: Shape, *, departments: bool = False) -> list[str]:
    """The names of the columns: the keys of the fields, which an import takes back."""
    return [*(each.key for each in shape.fields), *([DEPARTMENT] if departments else [])]


def csv_chunks(shape: Shape, chunks: Iterable[Sequence[RecordView]], *, departments: bool = False) -> Iterator[str]:
    """The text of a CSV file, in pieces: the header, then each chunk of records. Lines end in CR LF (RFC 4180)."""
    yield _written([header(shape, departments=departments)])
    plain = [(each.key, each.type in _AS_IT_IS) for each in shape.fields]
    for records in chunks:
        yield _written(
            [
                *(_cell(record.values.get(key), as_it_is=as_it_is) for key, as_it_is in plain),
                *([str(record.department)] if departments else []),
            ]
            for record in records
        )


def described(shape: Shape, keys: Mapping[object, str]) -> dict[str, object]:
    """A collection as an archive's manifest describes it: enough to make the same one elsewhere."""
    return {
        "key": shape.key,
        "label": shape.label,
        "singular": shape.singular,
        "archived": shape.archived,
        "fields": [
            {
                "key": each.key,
                "label": each.label,
                "type": each.type.value,
                "class": each.field_class.value,
                "required": each.required,
                "unique": each.unique,
                "indexed": each.indexed,
                "choices": list(each.choices),
                "target": keys.get(each.target_id, ""),
            }
            for each in shape.fields
        ],
    }


def _cell(value: str | None, *, as_it_is: bool) -> str:
    return "" if value is None else value if as_it_is else harmless(value)


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
