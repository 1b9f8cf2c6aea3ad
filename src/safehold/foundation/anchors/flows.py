"""Adding and ending places, and giving a place the newest head.

`give` is called outside any transaction. It reads the head and what is sealed for the place, sends with nothing held in
the database, and notes what came back. The sealer knows nothing of it: a place that is slow, dead or lying holds up
nobody.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from uuid import UUID

from safehold.foundation.access.matrix import Permission
from safehold.foundation.anchors import events, holders, selectors
from safehold.foundation.anchors.conf import ALL_LOGS, Kind
from safehold.foundation.anchors.errors import Contradicted
from safehold.foundation.anchors.holders import Head, Held
from safehold.foundation.anchors.models import Place, Receipt
from safehold.foundation.audit import flows as audit, selectors as log_selectors
from safehold.foundation.audit.signing import published_keys
from safehold.foundation.audit.statements import installation
from safehold.foundation.egress import flows as egress
from safehold.foundation.egress.conf import Purpose as Destined
from safehold.foundation.egress.errors import DeliveryFailed, Refused
from safehold.foundation.keys.sealing import Place as SealedPlace, Purpose, open_sealed, seal
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind as ScopeKind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.tenancy import selectors as tenancy
from safehold.kernel.checkpoint import open_checkpoint
from safehold.kernel.errors import Denied, Invalid, Problem, SafeholdError, Unavailable
from safehold.kernel.ids import PLATFORM
from safehold.kernel.webhook import new_secret

__all__ = [
    "Added",
    "add_mail",
    "add_object_store",
    "add_place",
    "add_time_stamp",
    "add_webhook",
    "add_witness",
    "end_place",
    "give",
    "give_due",
    "note_contradiction",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Added:
    """A new place; `secret` is shown this once, where there is one."""

    id: UUID
    secret: str = ""


def add_witness(*, scope: Scope, url: str, key: str) -> Added:
    """Have a C2SP witness at `url` cosign the log of logs; `key` is what it publishes. Platform scope."""
    _require(scope, Kind.WITNESS)
    witness = holders.witness_of(key)
    return _add(scope, Kind.WITNESS, url, {"key": str(witness)})


def add_time_stamp(*, scope: Scope, url: str, authority: str) -> Added:
    """Have an RFC 3161 authority at `url` stamp the log of logs; `authority` is its root (PEM). Platform scope."""
    _require(scope, Kind.TIME_STAMP)
    holders.roots_of(authority)
    return _add(scope, Kind.TIME_STAMP, url, {"authority": authority})


def add_webhook(*, scope: Scope, url: str) -> Added:
    """Post heads of the scope's log to `url`, signed with a secret that is shown this once."""
    _require(scope, Kind.WEBHOOK)
    secret = new_secret()
    made = _add(scope, Kind.WEBHOOK, url, {"secret": secret})
    return Added(made.id, secret)


def add_mail(*, scope: Scope, email: str) -> Added:
    """Mail heads of the scope's log to somebody, once a day."""
    _require(scope, Kind.MAIL)
    name, at, domain = email.strip().rpartition("@")
    if not at or not name or "." not in domain or any(char.isspace() for char in email.strip()):
        raise Invalid("Heads can't be mailed there.", problems=(Problem("email", "an e-mail address", email[:60]),))
    return _keep(scope, Kind.MAIL, None, {"email": email.strip()})


def add_place(*, scope: Scope, where: str) -> Added:
    """Give heads of the scope's log to what somebody typed: a webhook's address, or a mailbox's."""
    typed = where.strip()
    try:
        if "://" not in typed and "@" in typed:
            return add_mail(scope=scope, email=typed)
        return add_webhook(scope=scope, url=typed)
    except Invalid as error:
        problems = tuple(Problem("where", each.expected, each.found) for each in error.problems)
        raise Invalid(error.message, problems=problems, hint=error.hint) from None
    except (Refused, DeliveryFailed) as trouble:
        problem = Problem("where", f"a place that can be sent to: {trouble.message.rstrip('.')}")
        raise Invalid("Heads can't be sent there.", problems=(problem,), hint=trouble.hint) from None


def add_object_store(*, scope: Scope) -> Added | None:
    """Put heads of the log of logs into the store of files too; None if they are or ever were. Platform scope."""
    _require(scope, Kind.OBJECT_STORE)
    if Place.objects.filter(tenant_id=scope.log_id, kind=Kind.OBJECT_STORE.value).exists():
        return None
    return _keep(scope, Kind.OBJECT_STORE, None, {})


def end_place(*, scope: Scope, place_id: UUID) -> None:
    """Give somebody no more heads. What they hold and gave back stays."""
    row = selectors.place(scope, place_id)
    _require(scope, Kind(row.kind))
    if row.ended_at is not None:
        return
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    if (
        row.destination_id is not None
        and not selectors.places(scope).filter(destination_id=row.destination_id).exists()
    ):
        egress.end_destination(scope=scope, destination_id=row.destination_id)
    audit.record(scope, events.ENDED, on=f"anchor:{row.id}", fields={"kind": row.kind})


def give(*, scope: Scope, place_id: UUID) -> bool:
    """Give one place the newest head, if they hold an older one. Whether they took it; why not stands in the place."""
    with scoped(scope):
        row = selectors.place(scope, place_id)
        head = _head(scope, row) if row.ended_at is None else None
        told = json.loads(open_sealed(_sealed_at(row), row.sealed))
    if head is None:
        return False
    try:
        held = holders.hand(Kind(row.kind), scope, row.destination_id, told, head)
    except Contradicted as found:
        note_contradiction(
            scope=scope, place_id=row.id, message=found.message, theirs=found.theirs, ours=head.said.size
        )
        return False
    except SafeholdError as error:
        _failed(scope, row, error.message)
        return False
    _taken(scope, row, held)
    return True


def give_due() -> int:
    """Give every place that is due its head; how many were taken. One place's trouble keeps no other from its own."""
    with scoped(tenancy.platform_scope("worker")) as scope:
        add_object_store(scope=scope)
        wanted = selectors.due()
    taken = 0
    for tenant_id, place_id in wanted:
        try:
            taken += give(scope=_scope_of(tenant_id), place_id=place_id)
        except Exception:
            log.exception("a head could not be given to place %s", place_id)
    return taken


def _scope_of(tenant_id: UUID) -> Scope:
    return tenancy.platform_scope("worker") if tenant_id == PLATFORM else tenancy.system_scope(tenant_id, "worker")


def _head(scope: Scope, row: Place) -> Head | None:
    """The newest signed head of the log that the place holds, where it is newer than theirs."""
    log = selectors.log_held(scope)
    try:
        note = log_selectors.newest_note(scope=scope, log=log)
    except Unavailable:
        return None
    said = open_checkpoint(note, published_keys(installation()))
    return Head(log, note, said, row.size) if said.size > row.size else None


def _taken(scope: Scope, row: Place, held: Held) -> None:
    moment = clock.now()
    with scoped(scope):
        rows = Place.objects.filter(tenant_id=row.tenant_id, id=row.id)
        rows.update(size=held.size, held_at=moment, tried_at=moment, failures=0, trouble="")
        Receipt.objects.bulk_create(
            [
                Receipt(
                    tenant_id=row.tenant_id,
                    place_id=row.id,
                    size=held.size,
                    at=moment,
                    note=held.note.encode(),
                    receipt=held.receipt,
                )
            ],
            ignore_conflicts=True,
        )


def _failed(scope: Scope, row: Place, why: str) -> None:
    with scoped(scope):
        rows = Place.objects.filter(tenant_id=row.tenant_id, id=row.id)
        rows.update(tried_at=clock.now(), failures=row.failures + 1, trouble=why[:300])


def note_contradiction(*, scope: Scope, place_id: UUID, message: str, theirs: int, ours: int) -> None:
    """Somebody remembers what is no longer so. That is no failure to try again: somebody has to look."""
    with scoped(scope):
        row = selectors.place(scope, place_id)
        row.tried_at, row.contradiction = clock.now(), message[:300]
        row.save(update_fields=["tried_at", "contradiction"])
        fields = {"kind": row.kind, "theirs": theirs, "ours": ours}
        audit.record(scope, events.CONTRADICTED, on=f"anchor:{row.id}", fields=fields)


def _add(scope: Scope, kind: Kind, url: str, told: dict[str, str]) -> Added:
    purposes = {Kind.WITNESS: Destined.WITNESS, Kind.TIME_STAMP: Destined.TIME_STAMP, Kind.WEBHOOK: Destined.WEBHOOK}
    destination = egress.register_destination(scope=scope, url=url, purpose=purposes[kind])
    return _keep(scope, kind, destination.id, {**told, "path": holders.path_of(url)})


def _keep(scope: Scope, kind: Kind, destination_id: UUID | None, told: dict[str, str]) -> Added:
    row = Place(
        tenant_id=scope.log_id,
        id=clock.new_id(),
        kind=kind.value,
        destination_id=destination_id,
        added_by=scope.actor,
        added_at=clock.now(),
    )
    row.sealed = seal(_sealed_at(row), json.dumps(told).encode(), purpose=Purpose.SECRET)
    row.save(force_insert=True)
    audit.record(scope, events.ADDED, on=f"anchor:{row.id}", fields={"kind": kind.value})
    return Added(row.id)


def _sealed_at(row: Place) -> SealedPlace:
    return SealedPlace(row.tenant_id, "anchors_place", "sealed", row.id)


def _require(scope: Scope, kind: Kind) -> None:
    if scope.kind is ScopeKind.PLATFORM:
        return
    if kind in ALL_LOGS:
        raise Denied("Who holds all logs at once is the platform's to name, and to end.")
    scope.require(Permission.SETTINGS_MANAGE)
