"""The write paths of this room, for the check that each leaves its entry in the activity log."""

from __future__ import annotations

from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.audit.probes.writing import WriteProbe
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.workspace.records import canary, events, flows
from safehold.workspace.records.filters import Query
from safehold.workspace.records.importing.options import ImportOptions
from safehold.workspace.records.shape import FieldSpec

__all__ = ["PROVOKERS", "WRITE_PROBES"]


def _records(scope: Scope) -> None:
    values: dict[str, str | None] = {"code": new_id().hex}
    made = flows.create_record(scope=scope, collection=canary.COLLECTION, values=values, department=0)
    changed = flows.edit_record(
        scope=scope, collection=canary.COLLECTION, record_id=made.id, version=made.version, values={"remark": "probe"}
    )
    flows.delete_record(scope=scope, collection=canary.COLLECTION, record_id=made.id, version=changed.version)
    flows.restore_record(scope=scope, collection=canary.COLLECTION, record_id=made.id)


def _collections(scope: Scope) -> None:
    key = f"probe-{new_id().hex[-12:]}"
    with scoped(tenancy.system_scope(scope.tenant, "probe")) as inside:
        flows.create_collection(scope=inside, key=key, fields=(FieldSpec("code", unique=True),))
        flows.add_field(scope=inside, collection=key, field=FieldSpec("remark"))
        flows.change_collection(scope=inside, collection=key, label="Probe, renamed")


def _imports(scope: Scope) -> None:
    data = f"code,remark\n{new_id().hex},probe\n".encode()
    options = ImportOptions(without=("confidential", "personal", "sensitive"))
    flows.import_rows(scope=scope, collection=canary.COLLECTION, data=data, options=options)


def _export(scope: Scope) -> None:
    flows.export_list(scope=scope, collection=canary.COLLECTION, query=Query())


PROVOKERS: tuple[Provoker, ...] = (Provoker("an export of records", _export, (events.EXPORTED,)),)

WRITE_PROBES: tuple[WriteProbe, ...] = (
    WriteProbe(
        "records",
        _records,
        (events.RECORD_CREATED, events.RECORD_EDITED, events.RECORD_DELETED, events.RECORD_RESTORED),
    ),
    WriteProbe(
        "collections",
        _collections,
        (events.COLLECTION_CREATED, events.FIELD_ADDED, events.COLLECTION_CHANGED),
    ),
    WriteProbe("imports", _imports, (events.IMPORTED_ROWS, events.IMPORT_FINISHED)),
)
