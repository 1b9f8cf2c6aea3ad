"""How this room's permissions are tried, on what is planted in a canary tenant."""

from __future__ import annotations

from safehold.foundation.access.matrix import Permission
from safehold.foundation.access.trials import Trial
from safehold.foundation.scope.scope import Scope
from safehold.workspace.records import canary, flows, selectors
from safehold.workspace.records.filters import Query

__all__ = ["TRIALS"]

_KEY = canary.COLLECTION


def _create(scope: Scope) -> object:
    return flows.create_record(scope=scope, collection=_KEY, values={"code": "trial"})


def _edit(scope: Scope) -> object:
    row = selectors.records(scope, _KEY).records[0]
    return flows.edit_record(
        scope=scope, collection=_KEY, record_id=row.id, version=row.version, values={"remark": "trial"}
    )


def _delete(scope: Scope) -> object:
    row = selectors.records(scope, _KEY).records[0]
    return flows.delete_record(scope=scope, collection=_KEY, record_id=row.id)


TRIALS = (
    Trial(
        Permission.COLLECTIONS_MANAGE,
        "make a collection",
        lambda scope: flows.create_collection(scope=scope, key="trial"),
    ),
    Trial(Permission.RECORDS_READ, "list the records", lambda scope: selectors.records(scope, _KEY)),
    Trial(Permission.RECORDS_CREATE, "create a record", _create),
    Trial(Permission.RECORDS_EDIT, "edit a record", _edit),
    Trial(Permission.RECORDS_DELETE, "delete a record", _delete),
    Trial(Permission.RECORDS_IMPORT, "list the imports", selectors.imports),
    Trial(
        Permission.RECORDS_EXPORT,
        "export the records",
        lambda scope: flows.export_list(scope=scope, collection=_KEY, query=Query()),
    ),
)
