"""AUD-2: nothing in the logs was changed, removed or added unseen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from safehold.foundation.audit import anchors, flows, selectors
from safehold.foundation.audit.conf import ALARM_SECONDS, REREAD
from safehold.foundation.audit.events import VERIFIED
from safehold.foundation.audit.naming import scope_of_log
from safehold.foundation.audit.statements import installation
from safehold.foundation.audit.verification import Verified, verify_log
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.auditevent import LOGS, origin_of
from safehold.kernel.checkpoint import Checkpoint
from safehold.kernel.errors import Tampered
from safehold.kernel.ids import PLATFORM
from safehold.kernel.promise import Finding, ProbeContext, broken, kept, unproven

__all__ = ["nothing_was_changed_unseen"]


def nothing_was_changed_unseen(probe: ProbeContext) -> Finding:
    """Verify the canaries' logs, the platform's and the log of logs in full; hold every other head to its anchor."""
    found = [_verify(scope, log, probe.now) for scope, log in _logs(probe)]
    with scoped(scope_of_log(PLATFORM, "probe")):
        faults = [f"{one.origin}: {one.fault}" for one in found if one.fault]
        faults += _vanished(found) + list(selectors.sealing().troubled)
        behind, sealed = selectors.sealing().behind, len(selectors.heads())
    evidence: dict[str, object] = {
        "logs": {one.origin: {"events": one.size, "read": one.read, "anchored": one.anchored} for one in found},
        "heads_held_to_anchors": sealed,
        "seconds_behind": round(behind, 1),
    }
    if faults:
        return broken(f"A log was tampered with. {faults[0]}", faults=faults, **evidence)
    if behind > ALARM_SECONDS:
        return broken(f"Events have been waiting for their place in the chain for {behind:.0f} seconds.", **evidence)
    read = sum(one.read for one in found)
    if not read:
        return unproven("Nothing is sealed yet.", **evidence)
    return kept(
        f"{read:,} events in {len(found)} logs lead, hash by hash, to the signed heads kept outside the database; "
        f"{sealed} logs hold all that is anchored.",
        **evidence,
    )


def _logs(probe: ProbeContext) -> Iterator[tuple[Scope, UUID]]:
    platform = scope_of_log(PLATFORM, "probe")
    for canary in (probe.left, probe.right):
        yield scope_of_log(canary, "probe"), canary
    yield platform, PLATFORM
    yield platform, LOGS


def _verify(scope: Scope, log: UUID, now: datetime) -> Verified:
    """Verify one log, and note in it how far, so that a long one needn't be read from its start again."""
    with scoped(scope):
        found = verify_log(scope=scope, log=log, now=now)
        if found.size > REREAD and found.read >= REREAD // 4 and not found.fault:
            fields = {"size": found.size, "root": found.root.hex(), "chain": found.chain.hex()}
            flows.record(scope, VERIFIED, on=found.origin, fields=fields)
    return found


def _vanished(found: list[Verified]) -> list[str]:
    """Logs that the anchors or the log of logs know larger, or otherwise, than the database has them."""
    place = installation()
    # The anchors first: the sealer moves the heads on before them, so a head read later is never the smaller one.
    said_outside = [(log, _said(anchors.read(place.anchors, log) or "")) for log in anchors.anchored(place.anchors)]
    stored = {head.origin: (head.size, head.checked_size, bytes(head.root)) for head in selectors.heads()}
    faults = []
    for log, said in said_outside:
        origin = origin_of(place.id, log)
        size, checked, root = stored.get(origin, (0, 0, b""))
        if said is None or said.origin != origin:
            faults.append(f"{origin}: its anchor can't be read")
        elif said.size > size:
            faults.append(f"{origin}: {said.size} events are anchored, {size} are stored")
        elif said.size == size == checked and said.root != root:
            faults.append(f"{origin}: its head is not the one that is anchored")
    for origin, told in {origin: told for one in found for origin, told in one.told.items()}.items():
        size, checked, root = stored.get(origin, (0, 0, b""))
        if told[0] > size:
            faults.append(f"{origin}: the log of logs knows {told[0]} events, {size} are stored")
        elif told[0] == size == checked and told[1] != root.hex():
            faults.append(f"{origin}: its head is not the one that the log of logs knows")
    return faults


def _said(note: str) -> Checkpoint | None:
    """What an anchor says, its signature left aside: the sealer and the full verification check that."""
    try:
        return Checkpoint.parse(note.partition("\n\n")[0] + "\n")
    except Tampered:
        return None
