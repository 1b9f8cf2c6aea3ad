"""Imports that wait for the worker. A job carries ids alone: what they stand for is read inside the scope."""

from __future__ import annotations

import time
from uuid import UUID

from procrastinate.contrib.django import app

from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import run_apart, scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import SafeholdError
from safehold.workspace.records import flows, selectors
from safehold.workspace.records.errors import ImportRefused

__all__ = ["run_import"]

_TELL_EVERY = 0.5


@app.task(name="records.import")
def run_import(tenant: str, import_id: str) -> None:
    """Import a kept file for the member who sent it, with the rights that this member has now.

    Run again after a crash, it starts from the beginning: rows and result are stored in one transaction, so that either
    all is there and this does nothing, or nothing is.
    """
    identifier = UUID(import_id)
    system = tenancy.system_scope(UUID(tenant), "worker")
    with scoped(system):
        view = selectors.import_view(system, identifier)
    try:
        scope = _scope_of(system, view.created_by)
        with scoped(scope):
            flows.run_import(scope=scope, import_id=identifier, progress=_teller(scope, identifier))
    except SafeholdError as error:
        refused = error if isinstance(error, ImportRefused) else ImportRefused(error.message, hint=error.hint)
        with scoped(system):
            flows.fail_import(scope=system, collection=view.collection, refused=refused, import_id=identifier)


def _scope_of(system: Scope, actor: str) -> Scope:
    """The scope of whoever sent the file, if they are still a member; the system's own files are its own."""
    kind, _, member = actor.partition(":")
    with scoped(system):
        return tenancy.scope_of_member(scope=system, member_id=UUID(member)) if kind == "member" else system


def _teller(scope: Scope, import_id: UUID) -> flows.Progress:
    """Notes progress now and then, where others can see it before the import's own transaction ends."""
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_EVERY:
            told = time.monotonic()
            run_apart(scope, flows.note_progress, scope=scope, import_id=import_id, done=done, total=total)

    return tell
