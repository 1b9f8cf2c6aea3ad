"""Data on its way out: one list as CSV, or a whole workspace as an archive. Each collection leaves its event."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import IO

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.scope.clock import now
from safehold.foundation.scope.scope import Scope
from safehold.workspace.records import events, selectors
from safehold.workspace.records.exporting import csv_chunks, described
from safehold.workspace.records.filters import Query
from safehold.workspace.records.selectors import RecordView
from safehold.workspace.records.shape import Shape

__all__ = ["MANIFEST", "export_list", "export_workspace", "note_export"]

MANIFEST = "manifest.json"
FORMAT = "safehold-export/1"

Progress = Callable[[str, int], None]
"""Told which collection is written, and how many of its records so far."""


def export_list(*, scope: Scope, collection: str, query: Query) -> str:
    """A list's CSV, whole: exactly what it shows to this scope."""
    scope.require(Permission.RECORDS_EXPORT)
    counted = _Counted(scope, collection, query)
    text = "".join(csv_chunks(counted.shape, counted))
    note_export(scope=scope, shape=counted.shape, query=query, count=counted.count)
    return text


def note_export(*, scope: Scope, shape: Shape, query: Query, count: int) -> None:
    """Write the event of an export: what, how much, by which fields it was filtered, and never by which values."""
    scope.require(Permission.RECORDS_EXPORT)
    asked = [condition.name for condition in query.filters] + (["q"] if query.q else [])
    fields = {
        "collection": shape.key,
        "count": count,
        "fields": ", ".join(each.key for each in shape.fields),
        "filters": ", ".join(asked) or "none",
    }
    audit.record(scope, events.EXPORTED, on=f"collection:{shape.id}", fields=fields)


def export_workspace(*, scope: Scope, target: IO[bytes], progress: Progress | None = None) -> dict[str, object]:
    """Write every collection that the scope may read into a zip archive, and return its manifest.

    The manifest comes last and holds the digest of each file, so that whoever has the archive can tell it is whole.
    """
    scope.require(Permission.RECORDS_EXPORT)
    shapes = [*selectors.collections(scope), *selectors.collections(scope, archived=True)]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        entries = [_write_collection(scope, shape, archive, progress) for shape in shapes]
        manifest: dict[str, object] = {"format": FORMAT, "at": now().isoformat(), "collections": entries}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return manifest


def _write_collection(
    scope: Scope, shape: Shape, archive: zipfile.ZipFile, progress: Progress | None
) -> dict[str, object]:
    name, digest = f"{shape.key}.csv", hashlib.sha256()
    counted = _Counted(scope, shape.key, Query())
    departments = len(scope.departments) > 1
    with archive.open(name, "w", force_zip64=True) as file:
        for text in csv_chunks(shape, counted, departments=departments):
            data = text.encode()
            digest.update(data)
            file.write(data)
            if progress:
                progress(shape.key, counted.count)
    note_export(scope=scope, shape=shape, query=Query(), count=counted.count)
    return {"file": name, "sha256": digest.hexdigest(), "records": counted.count, **described(shape, _keys(scope))}


def _keys(scope: Scope) -> dict[object, str]:
    return {shape.id: shape.key for shape in selectors.whole_collections(scope)}


class _Counted:
    """The records of a list in chunks, counted as they pass."""

    def __init__(self, scope: Scope, collection: str, query: Query) -> None:
        self.shape = selectors.collection(scope, collection)
        self.count = 0
        self._chunks = selectors.records_in_chunks(scope, collection, query)

    def __iter__(self) -> Iterator[tuple[RecordView, ...]]:
        for chunk in self._chunks:
            self.count += len(chunk)
            yield chunk
