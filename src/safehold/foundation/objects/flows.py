"""Storing and removing files, and sweeping up after uploads that were cut off.

No permission is asked for here, only the tenant's scope: who may store or remove a file is known to the room that keeps
it, which asks before it calls. See docs/decisions/objects.md.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from safehold.foundation.audit.flows import record
from safehold.foundation.keys.sealing import Purpose, seal
from safehold.foundation.objects import canary, events, selectors
from safehold.foundation.objects.conf import LEFT_OVER_AFTER, LONGEST_UPLOAD_KEY
from safehold.foundation.objects.installed import current_store
from safehold.foundation.objects.models import StoredObject
from safehold.foundation.objects.selectors import ObjectView
from safehold.foundation.objects.stores import StoredFile, path_of
from safehold.foundation.scope import clock
from safehold.foundation.scope.migrations_support import sql_parts
from safehold.foundation.scope.scope import Scope
from safehold.kernel import sealedobject
from safehold.kernel.errors import Conflict, NotFound

__all__ = ["plant_canaries", "remove", "store", "sweep"]

_UPLOAD_KEY = re.compile(rf"[A-Za-z0-9._:-]{{1,{LONGEST_UPLOAD_KEY}}}")
_BATCH = 500


def store(*, scope: Scope, kind: str, upload_key: str, pieces: Iterable[bytes]) -> ObjectView:
    """Store a file; `kind` says for what, in a word. Another try with the same `upload_key` gives the first one's file.

    The file lies whole and durable in the store before its row is written, and nobody sees it before the open
    transaction is committed. If that never happens, the sweeper removes it. `pieces` should be at hand, in memory or
    on disk: they are taken inside the transaction.
    """
    if not _UPLOAD_KEY.fullmatch(upload_key):
        raise ValueError("an upload's key is 1 to 100 letters, digits, dots, dashes, underscores and colons")
    if there := selectors.find_upload(scope, kind, upload_key):
        return there
    object_id, key = clock.new_id(), os.urandom(sealedobject.KEY_SIZE)
    _ask("hold", object_id)
    sealed_key = seal(selectors.key_place(scope.tenant, object_id), key, purpose=Purpose.OBJECT)
    sealed = _Counted(sealedobject.seal(key, selectors.context_for(scope.tenant, object_id), pieces))
    current_store().put(path_of(scope.tenant, object_id), sealed)
    size = sealedobject.plain_size(sealed.size)
    view = ObjectView(object_id, kind, size, sealed.digest.digest(), clock.now())
    if not _add(scope, view, upload_key, sealed_key):
        return _the_first(scope, view, upload_key)
    record(scope, events.STORED, on=f"object:{object_id}", fields={"kind": kind, "size": view.size})
    return view


def remove(*, scope: Scope, object_id: UUID) -> None:
    """Remove a file for good: its row and key now, its bytes once the open transaction is committed."""
    view = selectors.find(scope, object_id)
    gone, _ = StoredObject.objects.filter(tenant_id=scope.tenant, id=object_id).delete()
    if not gone:
        raise NotFound("There is no such file.")
    record(scope, events.REMOVED, on=f"object:{object_id}", fields={"kind": view.kind, "size": view.size})
    path = path_of(scope.tenant, object_id)
    # What fails here the sweeper makes up for: a file without a row is nobody's.
    transaction.on_commit(lambda: current_store().remove(path), robust=True)


def sweep(*, scope: Scope) -> int:
    """Remove the tenant's files that no row stands for and no open upload will give one; the number.

    An upload holds a lock by its object's id for as long as its transaction is open, so that the lock and no row,
    in this order, mean that there will never be one.
    """
    until = clock.now() - LEFT_OVER_AFTER
    old = [file for file in current_store().files(str(scope.tenant)) if file.modified < until]
    swept = 0
    for start in range(0, len(old), _BATCH):
        swept += _sweep_batch(scope, old[start : start + _BATCH])
    if swept:
        record(scope, events.SWEPT, fields={"count": swept})
    return swept


def plant_canaries(*, scope: Scope) -> None:
    """Plant the canary's file where it is missing. Safe to repeat at every start."""
    store(scope=scope, kind=canary.KIND, upload_key=canary.UPLOAD_KEY, pieces=[canary.planted()])


class _Counted:
    """Pieces on their way: how many bytes there were, and their SHA-256."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            self.digest.update(piece)
            yield piece


def _add(scope: Scope, view: ObjectView, upload_key: str, sealed_key: bytes) -> bool:
    """Write the row, unless another upload with the same key was quicker; whether it was written."""
    values: dict[str, UUID | str | int | bytes | datetime] = {
        "tenant_id": scope.tenant,
        "id": view.id,
        "kind": view.kind,
        "upload_key": upload_key,
        "size": view.size,
        "sha256": view.sha256,
        "sealed_key": sealed_key,
        "created_at": view.created_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement("add"), values)
        return cursor.fetchone() is not None


def _the_first(scope: Scope, ours: ObjectView, upload_key: str) -> ObjectView:
    """The file of the upload that was quicker; ours goes."""
    current_store().remove(path_of(scope.tenant, ours.id))
    there = selectors.find_upload(scope, ours.kind, upload_key)
    if there is None:
        raise Conflict("Another upload of this file ended at the same time: try again.")
    return there


def _sweep_batch(scope: Scope, files: list[StoredFile]) -> int:
    ids = {file.object_id for file in files if file.object_id}
    swept = 0
    for object_id in sorted(ids - selectors.known(scope, ids)):
        if _ask("try_hold", object_id) and not selectors.known(scope, [object_id]):
            current_store().remove(path_of(scope.tenant, object_id))
            swept += 1
    return swept


def _ask(question: str, object_id: UUID) -> bool:
    """Take an object's lock until the transaction ends; whether it was free, where that is the question."""
    number = int.from_bytes(object_id.bytes[8:], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(_statement(question), {"number": number})
        return bool(cursor.fetchone()[0])


def _statement(name: str) -> str:
    return sql_parts("safehold.foundation.objects", "statements.sql")[name]
