"""Files on their way in: checked without storing anything, then stored whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.jobs import flows as jobs
from safehold.foundation.keys.blind import commitment
from safehold.foundation.keys.sealing import seal
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope
from safehold.kernel import canonical
from safehold.kernel.errors import Conflict, Problem
from safehold.workspace.records import events, selectors
from safehold.workspace.records.conf import PREVIEW_ROWS, ROWS_TOLD
from safehold.workspace.records.errors import ImportRefused
from safehold.workspace.records.flows.loading import Loader
from safehold.workspace.records.flows.writing import Writer
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.importing.sheet import Mended
from safehold.workspace.records.models import Import, Setting
from safehold.workspace.records.selectors.imports import file_place, report_place

__all__ = [
    "Imported",
    "Preview",
    "Progress",
    "change_options",
    "check_file",
    "choose_entries",
    "discard_import",
    "fail_import",
    "file_digest",
    "import_rows",
    "keep_file",
    "note_progress",
    "queue_import",
    "run_import",
]

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of about how many."""

_KEPT_STATES: Final = ("checked", "waiting", "running")


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of a file: which column goes where, its first rows, what is wrong, and what was put together."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Mapping[str, str], ...]
    count: int
    problems: tuple[Problem, ...]
    problem_count: int
    mended: tuple[Mended, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file. `digest` is over the rows as they were stored, `file` what the log says of the file."""

    id: UUID
    count: int
    digest: str
    file: str
    mended: tuple[Mended, ...]


def check_file(*, scope: Scope, collection: str, data: bytes, options: ImportOptions) -> Preview:
    """Read a whole file against a collection and store nothing. Raises `ImportRefused` where it is no table at all."""
    scope.require(Permission.RECORDS_IMPORT)
    loader = Loader(scope, selectors.whole_collection(scope, collection), data, options)
    rows: list[Mapping[str, str]] = []
    count = 0
    for batch, numbers in loader.batches():
        loader.check_holders(batch, numbers)
        rows += [loader.row(batch, at) for at in range(min(len(batch), PREVIEW_ROWS - len(rows)))]
        count += len(batch)
    return Preview(
        columns=loader.columns,
        rows=tuple(rows),
        count=count,
        problems=tuple(loader.problems.listed),
        problem_count=loader.problems.count,
        mended=tuple(loader.sheet.mended),
    )


@transaction.atomic
def import_rows(
    *,
    scope: Scope,
    collection: str,
    data: bytes,
    options: ImportOptions,
    progress: Progress | None = None,
    import_id: UUID | None = None,
) -> Imported:
    """Store every row of a file, or raise `ImportRefused` with all that is wrong and store none."""
    scope.require(Permission.RECORDS_IMPORT)
    loader = Loader(scope, selectors.whole_collection(scope, collection), data, options)
    total = loader.sheet.count()
    with Writer(scope, loader, keep_ids=selectors.entry_a_row(scope)) as writer:
        for batch, numbers in loader.batches():
            writer.take(batch, numbers)
            if progress:
                progress(min(writer.count, total), total)
    loader.problems.refuse()
    import_id, file = import_id or new_id(), file_digest(scope=scope, data=data)
    digest = _tell_batches(scope, collection, import_id, writer)
    _tell_rows(scope, collection, file, writer.ids)
    names = ", ".join(each.key for each in loader.fields)
    fields = {"collection": collection, "count": writer.count, "fields": names, "digest": digest, "file": file}
    audit.record(scope, events.IMPORT_FINISHED, on=f"import:{import_id}", fields=fields)
    return Imported(import_id, writer.count, digest, file, tuple(loader.sheet.mended))


def file_digest(*, scope: Scope, data: bytes) -> str:
    """What the log says of a file: a keyed digest of its bytes, the same each time in this workspace.

    Keyed, because a plain digest of a short file could be guessed back to what is in it by whoever reads the log.
    """
    scope.require(Permission.RECORDS_IMPORT)
    return commitment(scope.tenant, "imports", hashlib.sha256(data).hexdigest()).hex()


def choose_entries(*, scope: Scope, each_row: bool) -> None:
    """Say whether each imported row gets an entry of its own in the log, beside the one for its batch."""
    scope.require(Permission.SETTINGS_MANAGE)
    if selectors.entry_a_row(scope) == each_row:
        return
    values = {"entry_a_row": each_row, "changed_at": now(), "changed_by": scope.actor}
    Setting.objects.update_or_create(tenant_id=scope.tenant, defaults=values)
    audit.record(scope, events.ENTRIES_CHOSEN, on=f"tenant:{scope.tenant}", fields={"each_row": each_row})


def _tell_batches(scope: Scope, collection: str, import_id: UUID, writer: Writer) -> str:
    """An event for each batch, with the digest of its rows as they are stored; gives back the digest of the digests."""
    digests = hashlib.sha256()
    for entry in writer.entries:
        digests.update(bytes.fromhex(str(entry["digest"])))
    rows = [audit.Entry(f"import:{import_id}", {"collection": collection, **entry}) for entry in writer.entries]
    audit.record_many(scope, events.IMPORTED_ROWS, rows)
    return digests.hexdigest()


def _tell_rows(scope: Scope, collection: str, file: str, ids: Sequence[str]) -> None:
    """An event for each row, where the workspace asks for that: a page at a time, so that memory stays small."""
    fields = {"collection": collection, "file": file}
    for start in range(0, len(ids), ROWS_TOLD):
        told = ids[start : start + ROWS_TOLD]
        audit.record_many(scope, events.ROW_IMPORTED, [audit.Entry(f"record:{UUID(one)}", fields) for one in told])


def keep_file(*, scope: Scope, collection: str, filename: str, data: bytes, options: ImportOptions) -> UUID:
    """Keep an uploaded file, sealed, between the preview and the import. Returns the import's id."""
    scope.require(Permission.RECORDS_IMPORT)
    shape = selectors.collection(scope, collection)
    row = Import(
        tenant_id=scope.tenant,
        id=new_id(),
        collection_id=shape.id,
        filename=filename[-100:],
        state="checked",
        options=options.as_json(),
        created_at=now(),
        created_by=scope.actor,
        account_id=scope.account_id,
    )
    row.file = seal(file_place(scope.tenant, row.id), data)
    row.save(force_insert=True)
    return row.id


def change_options(*, scope: Scope, import_id: UUID, options: ImportOptions) -> None:
    """Read a kept file otherwise: other columns, say. Only before it is queued."""
    scope.require(Permission.RECORDS_IMPORT)
    _move(scope, import_id, from_=("checked",), options=options.as_json())


def queue_import(*, scope: Scope, import_id: UUID) -> None:
    """Hand a kept file to the worker. The job carries ids only, and is stored with this transaction or not at all."""
    scope.require(Permission.RECORDS_IMPORT)
    _move(scope, import_id, from_=("checked",), state="waiting")
    jobs.queue_job(scope=scope, task="records.import", import_id=import_id)


def discard_import(*, scope: Scope, import_id: UUID) -> None:
    """Forget a file that nobody wants imported after all."""
    scope.require(Permission.RECORDS_IMPORT)
    _move(scope, import_id, from_=("checked",), state="failed", file=None, finished_at=now())


def note_progress(*, scope: Scope, import_id: UUID, done: int, total: int) -> None:
    """Say how far an import is, in a transaction of its own, so that others see it meanwhile."""
    rows = Import.objects.filter(tenant_id=scope.tenant, id=import_id, state__in=_KEPT_STATES)
    rows.update(state="running", done=done, total=total)


def run_import(*, scope: Scope, import_id: UUID, progress: Progress | None = None) -> Imported | None:
    """Import a kept file and note the result with it, in one transaction. None where it has been done already.

    Whoever sent it may lose their rights meanwhile, which ends the import; then nothing of it is stored.
    """
    scope.require(Permission.RECORDS_IMPORT)
    view = selectors.import_view(scope, import_id)
    if view.state not in _KEPT_STATES:
        return None
    imported = import_rows(
        scope=scope,
        collection=view.collection,
        data=selectors.import_file(scope, import_id),
        options=view.options,
        progress=progress,
        import_id=import_id,
    )
    report = {"count": imported.count, "mended": [list(each) for each in imported.mended[:1000]], "problems": []}
    if not _finish(scope, import_id, "done", report, done=imported.count, total=imported.count):
        raise ImportRefused("Stopped: the rights of whoever began it have changed.")
    return imported


def fail_import(*, scope: Scope, collection: str, refused: ImportRefused, import_id: UUID | None = None) -> None:
    """Note that a file was refused, and why; its problems stay with a kept file, sealed, for whoever sent it."""
    if import_id is not None:
        listed = [[each.place, each.expected, each.found] for each in refused.problems]
        said = {"count": 0, "mended": [], "problems": listed, "message": refused.message}
        if not _finish(scope, import_id, "failed", said):
            return  # it was over already: its sender lost the right to it while it ran, say
    fields = {"collection": collection, "problems": len(refused.problems)}
    audit.record(scope, events.IMPORT_FAILED, on=f"import:{import_id}" if import_id else "", fields=fields)


def _finish(scope: Scope, import_id: UUID, state: str, report: dict[str, object], **columns: int) -> bool:
    sealed = seal(report_place(scope.tenant, import_id), canonical.encode(report))  # type: ignore[arg-type]
    rows = Import.objects.filter(tenant_id=scope.tenant, id=import_id, state__in=_KEPT_STATES)
    return bool(rows.update(state=state, report=sealed, file=None, finished_at=now(), **columns))


def _move(scope: Scope, import_id: UUID, *, from_: tuple[str, ...], **columns: object) -> None:
    rows = Import.objects.filter(tenant_id=scope.tenant, id=import_id, state__in=from_)
    if not rows.update(**columns):
        selectors.import_view(scope, import_id)
        raise Conflict("This import has gone on already.")
