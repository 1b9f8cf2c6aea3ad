"""What was begun with rights that are gone doesn't go on: kept files, and imports that wait or run, end with them."""

from __future__ import annotations

from safehold.foundation.scope.scope import Scope
from safehold.workspace.records import selectors
from safehold.workspace.records.errors import ImportRefused
from safehold.workspace.records.flows.imports import fail_import
from safehold.workspace.records.models import Import

__all__ = ["stop_imports"]

_UNFINISHED = ("checked", "waiting", "running")


def stop_imports(*, scope: Scope, actor: str) -> int:
    """End all that `actor` began to import in the scope's tenant, in the open transaction. How many there were.

    A job that waits goes with whoever asked for it (foundation/jobs), or finds nothing to do. One that runs already
    can't store its rows any more.
    """
    rows = Import.objects.filter(tenant_id=scope.tenant, created_by=actor, state__in=_UNFINISHED)
    keys = {shape.id: shape.key for shape in selectors.whole_collections(scope)}
    refused = ImportRefused("Stopped: the rights of whoever began it have changed.")
    waiting = list(rows.select_for_update().values_list("id", "collection_id"))
    for import_id, collection_id in waiting:
        fail_import(scope=scope, collection=keys[collection_id], refused=refused, import_id=import_id)
    return len(waiting)
