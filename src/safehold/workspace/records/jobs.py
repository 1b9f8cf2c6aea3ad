"""Imports that wait for the worker. A job carries ids alone: what they stand for is read inside the scope."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import JobContext, RetryStrategy

from safehold.foundation.jobs.tasks import tenant_task
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import run_apart, scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.errors import SafeholdError
from safehold.workspace.records import flows, selectors
from safehold.workspace.records.errors import ImportRefused

__all__ = ["run_import"]

_TELL_EVERY = 0.5
_TRIES = 5
_AWAY: Final = (OperationalError, InterfaceError)
"""What Django raises when the database went away under a job, or made it wait too long for a lock."""


@tenant_task(name="records.import", retry=RetryStrategy(max_attempts=_TRIES, wait=2, retry_exceptions=_AWAY))
def run_import(context: JobContext, tenant: UUID, import_id: UUID) -> None:
    """Import a kept file for the member who sent it, with the rights that this member has now.

    Run again after a crash, it starts from the beginning: rows and result are stored in one transaction, so that either
    all is there and this does nothing, or nothing is. Whatever ends it is said on the import's page: nobody waits for
    an import that has no more tries.
    """
    system = tenancy.system_scope(tenant, "worker")
    try:
        _run(system, import_id)
    except SafeholdError as error:
        refused = error if isinstance(error, ImportRefused) else ImportRefused(error.message, hint=error.hint)
        _fail(system, import_id, refused)
    except Exception as error:
        if not isinstance(error, _AWAY) or context.job.attempts >= _TRIES:
            _fail(system, import_id, ImportRefused("The import stopped through a fault of ours, which is logged."))
        raise


def _run(system: Scope, import_id: UUID) -> None:
    with scoped(system):
        view = selectors.import_view(system, import_id)
    scope = _scope_of(system, view.created_by)
    with scoped(scope):
        flows.run_import(scope=scope, import_id=import_id, progress=_teller(scope, import_id))


def _fail(system: Scope, import_id: UUID, refused: ImportRefused) -> None:
    with scoped(system):
        view = selectors.import_view(system, import_id)
        flows.fail_import(scope=system, collection=view.collection, refused=refused, import_id=import_id)


def _scope_of(system: Scope, actor: str) -> Scope:
    """The scope of whoever sent the file: a member if they still are one, or a process that acts for the system."""
    kind, _, member = actor.partition(":")
    if kind != "member":
        return replace(system, actor=actor)
    with scoped(system):
        return tenancy.scope_of_member(scope=system, member_id=UUID(member))


def _teller(scope: Scope, import_id: UUID) -> flows.Progress:
    """Notes progress now and then, where others can see it before the import's own transaction ends."""
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_EVERY:
            told = time.monotonic()
            run_apart(scope, flows.note_progress, scope=scope, import_id=import_id, done=done, total=total)

    return tell
