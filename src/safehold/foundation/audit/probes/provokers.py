"""What provokes the security events of this room, and of the keys below it."""

from __future__ import annotations

from dataclasses import replace

from safehold.foundation.access.matrix import Permission, Role
from safehold.foundation.audit import events, flows, holding, listing
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.audit.reading import take_proof
from safehold.foundation.audit.selectors import Filters, sealed_since, signed_sizes
from safehold.foundation.keys import events as keys_events, flows as keys
from safehold.foundation.keys.installed import current_store
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel import reference
from safehold.kernel.errors import Denied, Unavailable
from safehold.kernel.ids import PLATFORM

__all__ = ["PROVOKERS"]


def _export(scope: Scope) -> None:
    for piece in flows.export_log(scope=scope).pieces:
        del piece
        break


def _list(scope: Scope) -> None:
    listing.export_list(scope=scope, filters=Filters(actor="member:nobody"))


def _prove(scope: Scope) -> None:
    size = max((size for size, _ in signed_sizes(scope=scope)), default=0)
    if not size:
        raise Unavailable("No head of the canary's log is signed yet.", hint="Is the sealer running?")
    for covered in sealed_since(scope=scope, index=size - 1, limit=1):
        take_proof(scope=scope, event_id=covered.id)


def _denied(scope: Scope) -> None:
    try:
        replace(scope, role=Role.VIEWER).require(Permission.SETTINGS_MANAGE)
    except Denied as refused:
        flows.record_refusal(scope, refused, route="GET /probe/")


def _failed(scope: Scope) -> None:
    error = RuntimeError("a probe of what is left by an error")
    flows.record_failure(scope, error, route="GET /probe/", reference=reference.current() or reference.begin())


def _held(scope: Scope) -> None:
    with scoped(scope_of_log(PLATFORM, "probe")) as platform:
        hold = holding.place_hold(scope=platform, log=scope.tenant, reason="a check of the installation")
        holding.end_hold(scope=platform, hold_id=hold.id)


def _keys(scope: Scope) -> Scope:
    """On keys that are made for this and gone with it: a rotation of the canary's own would stay. Whose log has it."""
    scratch = clock.new_id()
    store = current_store()
    store.create(scratch)
    try:
        with scoped(Scope(Kind.TENANT, scope.actor, tenant_id=scratch, role=Role.OWNER)) as inside:
            keys.create_tenant_keys(scope=inside)
            keys.rotate_tenant_key(scope=inside)
            keys.rotate_data_keys(scope=inside)
            keys.destroy_subject(scope=inside, subject=f"member:{scratch}")
            keys.destroy_tenant_keys(scope=inside)
            return inside
    finally:
        store.destroy(scratch, leave_word=False)


PROVOKERS: tuple[Provoker, ...] = (
    Provoker("an export of the log", _export, (events.EXPORTED,)),
    Provoker("a table of the activity", _list, (events.LISTED,)),
    Provoker("a proof that is taken out", _prove, (events.PROVED,)),
    Provoker("a refusal", _denied, (events.DENIED,)),
    Provoker("an error of the system", _failed, (events.FAILED,)),
    Provoker("a legal hold comes and goes", _held, (events.HELD, events.HOLD_ENDED)),
    Provoker(
        "keys that are rotated and destroyed",
        _keys,
        (
            keys_events.ROTATED,
            keys_events.DATA_KEYS_ROTATED,
            keys_events.SUBJECT_DESTROYED,
            keys_events.DESTROYED,
        ),
    ),
)
