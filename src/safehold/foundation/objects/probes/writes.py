"""The write paths of this room, for the check that each leaves its entry in the activity log."""

from __future__ import annotations

from safehold.foundation.audit.probes.writing import WriteProbe
from safehold.foundation.objects import events, flows
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.stores import path_of
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Scope

__all__ = ["WRITE_PROBES"]


def _files(scope: Scope) -> None:
    made = flows.store(scope=scope, kind="probe", upload_key=new_id().hex, pieces=[b"probe"])
    flows.remove(scope=scope, object_id=made.id)
    current_store().remove(path_of(scope.tenant, made.id))  # this transaction won't be committed, so nobody else does


WRITE_PROBES = (WriteProbe("stored files", _files, (events.STORED, events.REMOVED)),)
