"""Files on their way in, and what became of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safehold.foundation.access.matrix import Permission
from safehold.foundation.keys.sealing import Place, open_sealed
from safehold.foundation.scope.scope import Scope
from safehold.kernel.errors import NotFound, Problem
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.importing.sheet import Mended
from safehold.workspace.records.models import Import, Setting
from safehold.workspace.records.selectors.collections import whole_collections

__all__ = ["ImportView", "entry_a_row", "file_place", "import_file", "import_view", "imports", "report_place"]


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import: `state` is checked, waiting, running, done or failed; `done` of about `total` rows are stored."""

    id: UUID
    collection: str
    filename: str
    state: str
    done: int
    total: int
    options: ImportOptions
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    message: str = ""
    problems: tuple[Problem, ...] = ()
    mended: tuple[Mended, ...] = ()

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 if self.state == "done" else min(99, 100 * self.done // max(1, self.total))


def file_place(tenant_id: UUID, import_id: UUID) -> Place:
    """What an import's sealed file is bound to."""
    return Place(tenant_id, "records.import", "file", import_id)


def report_place(tenant_id: UUID, import_id: UUID) -> Place:
    """What an import's sealed report is bound to."""
    return Place(tenant_id, "records.import", "report", import_id)


def import_view(scope: Scope, import_id: UUID) -> ImportView:
    """One import. Only who started it sees the problems, which quote the file."""
    scope.require(Permission.RECORDS_IMPORT)
    row = Import.objects.defer("file").filter(tenant_id=scope.tenant, id=import_id).first()
    if row is None:
        raise NotFound("There is no such import.")
    return _view(scope, row, _keys(scope))


def imports(scope: Scope, *, limit: int = 20) -> list[ImportView]:
    """The newest imports of the tenant."""
    scope.require(Permission.RECORDS_IMPORT)
    rows = Import.objects.defer("file").filter(tenant_id=scope.tenant).order_by("-id")[:limit]
    keys = _keys(scope)
    return [_view(scope, row, keys) for row in rows]


def import_file(scope: Scope, import_id: UUID) -> bytes:
    """The bytes of a kept file, for its owner's preview and for the worker that acts for its owner."""
    scope.require(Permission.RECORDS_IMPORT)
    rows = Import.objects.filter(tenant_id=scope.tenant, id=import_id, created_by=scope.actor)
    sealed = rows.values_list("file", flat=True).first()
    if sealed is None:
        raise NotFound("There is no such file any more.")
    return open_sealed(file_place(scope.tenant, import_id), sealed)


def _keys(scope: Scope) -> dict[UUID, str]:
    return {shape.id: shape.key for shape in whole_collections(scope)}


def _view(scope: Scope, row: Import, keys: dict[UUID, str]) -> ImportView:
    report: dict[str, list[list[str]]] = {}
    message = ""
    if row.report is not None and row.created_by == scope.actor:
        report = json.loads(open_sealed(report_place(scope.tenant, row.id), row.report))
        message = str(report.get("message", ""))
    return ImportView(
        id=row.id,
        collection=keys[row.collection_id],
        filename=row.filename,
        state=row.state,
        done=row.done,
        total=row.total,
        options=ImportOptions.from_json(row.options),
        created_at=row.created_at,
        created_by=row.created_by,
        finished_at=row.finished_at,
        message=message,
        problems=tuple(Problem(*each) for each in report.get("problems", ())),
        mended=tuple(Mended(int(at), column, text) for at, column, text in report.get("mended", ())),
    )


def entry_a_row(scope: Scope) -> bool:
    """Whether each imported row gets an entry of its own in the log."""
    return Setting.objects.filter(tenant_id=scope.tenant, entry_a_row=True).exists()
