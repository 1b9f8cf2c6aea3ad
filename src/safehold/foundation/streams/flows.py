"""Setting streams up, stopping them, and sending on what has been sealed.

`deliver` is a worker's: it claims a stream, and while it has it reads a batch, sends it outside of any transaction, and
moves the stream's place on only after that. Killed anywhere it leaves the place where it was: what may have arrived is
sent again, under the same ids, and nothing is left out.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import F, Q

from safehold.foundation.audit import flows as audit, selectors as log
from safehold.foundation.egress import flows as egress
from safehold.foundation.egress.conf import Purpose as Reason
from safehold.foundation.egress.errors import DeliveryFailed, Refused
from safehold.foundation.keys.sealing import Place, Purpose, open_sealed, seal
from safehold.foundation.scope.clock import new_id, now
from safehold.foundation.scope.scope import Scope
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.streams import conf, events, selectors, signing, sinks
from safehold.foundation.streams.models import Stream
from safehold.foundation.streams.sinks import Kind, Secrets, Way
from safehold.foundation.tenancy.selectors import platform_scope, system_scope
from safehold.kernel.errors import Invalid, Problem
from safehold.kernel.event import EventType
from safehold.kernel.ids import PLATFORM

__all__ = ["create_stream", "deliver", "end_stream", "pause_stream", "resume_stream"]

_SCHEMES = {"https": Kind.WEBHOOK, "tls": Kind.SYSLOG}
_MOST_STREAMS = 10


def create_stream(
    *,
    scope: Scope,
    name: str,
    url: str,
    authorization: str = "",
    personal: bool = False,
    from_start: bool = False,
) -> tuple[Stream, str]:
    """Stream the scope's log to `https://…` (a webhook) or `tls://HOST:PORT` (syslog); the key is returned this once.

    It begins with what is sealed from now on, or with the log's first event.
    """
    selectors.require(scope)
    kind = _checked(scope, name, url, authorization)
    destination = _registered(scope, url)
    head, moment = log.head(scope=scope), now()
    row = Stream(
        id=new_id(),
        tenant_id=scope.log_id,
        name=name.strip(),
        kind=kind.value,
        host=f"{destination.host}:{destination.port}",
        destination_id=destination.id,
        personal=personal,
        next_index=head.size if head and not from_start else 0,
        created_at=moment,
        created_by=scope.actor,
        due_at=moment,
    )
    key = signing.new_key() if kind is Kind.WEBHOOK else ""
    secrets = Secrets(_path(url) if kind is Kind.WEBHOOK else "", key, authorization.strip())
    row.sealed = seal(_place(row), json.dumps(asdict(secrets)).encode(), purpose=Purpose.SECRET)
    row.save(force_insert=True)
    fields = {**_where(row), "first": row.next_index, "personal": personal}
    audit.record(scope, events.CREATED, on=row.reference, fields=fields)
    return row, key


def pause_stream(*, scope: Scope, stream_id: UUID) -> Stream:
    """Send nothing more until it is resumed. It keeps its place."""
    row = selectors.stream(scope, stream_id)
    if row.paused_at is None and row.ended_at is None:
        row.paused_at = now()
        row.save(update_fields=["paused_at"])
        _record(scope, events.PAUSED, row)
    return row


def resume_stream(*, scope: Scope, stream_id: UUID) -> Stream:
    """Go on from the place where it was paused, at once; one that fails tries at once as well."""
    row = selectors.stream(scope, stream_id)
    if row.ended_at is None:
        was, row.paused_at, row.due_at = row.paused_at, None, now()
        row.save(update_fields=["paused_at", "due_at"])
        if was is not None:
            _record(scope, events.RESUMED, row)
    return row


def end_stream(*, scope: Scope, stream_id: UUID) -> Stream:
    """End it for good. Its path and keys are forgotten; another stream to the same place goes on untouched."""
    row = selectors.stream(scope, stream_id)
    if row.ended_at is None:
        row.ended_at = now()
        row.sealed = seal(_place(row), json.dumps(asdict(Secrets())).encode(), purpose=Purpose.SECRET)
        row.save(update_fields=["ended_at", "sealed"])
        _record(scope, events.ENDED, row)
        if not selectors.own(scope).filter(destination_id=row.destination_id, ended_at=None).exists():
            egress.end_destination(scope=scope, destination_id=row.destination_id)
    return row


def deliver(*, log_id: UUID, stream_id: UUID) -> int:
    """Send a stream on until it has caught up or its turn is over. How many events arrived."""
    scope = platform_scope("streams") if log_id == PLATFORM else system_scope(log_id, "streams")
    claimed = _claim(scope, stream_id)
    if claimed is None:
        return 0
    way, claim = claimed
    ends, arrived = time.monotonic() + conf.TURN_SECONDS, 0
    try:
        while time.monotonic() < ends:
            count = _send_batch(scope, way, claim)
            if count is None:
                break
            arrived += count
    except (DeliveryFailed, Refused) as trouble:
        _fail(scope, way, claim, trouble.message)
        return arrived
    _release(scope, way, claim)
    return arrived


def _claim(scope: Scope, stream_id: UUID) -> tuple[Way, datetime] | None:
    """Have the stream to oneself for a while; None where another has it or there is nothing to do."""
    with scoped(scope):
        moment = now()
        free = Q(claimed_until=None) | Q(claimed_until__lt=moment)
        rows = selectors.own(scope).filter(free, id=stream_id, ended_at=None, paused_at=None, due_at__lte=moment)
        row = rows.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        row.claimed_until = moment + timedelta(seconds=conf.CLAIM_SECONDS)
        row.save(update_fields=["claimed_until"])
        secrets = Secrets(**json.loads(open_sealed(_place(row), bytes(row.sealed))))
        way = Way(scope.log_id, row.id, Kind(row.kind), row.destination_id, row.personal, secrets)
        return way, row.claimed_until


def _send_batch(scope: Scope, way: Way, claim: datetime) -> int | None:
    """Send the next events and move on; None where there are none, or the stream isn't ours to move any more."""
    with scoped(scope):
        row = selectors.own(scope).filter(id=way.stream, claimed_until=claim, ended_at=None, paused_at=None).first()
        if row is None:
            return None
        found = log.sealed_from(scope=scope, index=row.next_index, limit=conf.BATCH)
    if found.next == row.next_index:
        return None
    if found.events:
        sinks.send(scope, way, found.events)
    with scoped(scope):
        ours = selectors.own(scope).filter(id=way.stream, claimed_until=claim)
        moved = ours.update(
            next_index=found.next, sent=F("sent") + len(found.events), failures=0, trouble="", delivered_at=now()
        )
        if moved and row.failures:
            _record(scope, events.RECOVERED, row)
    return len(found.events) if moved else None


def _fail(scope: Scope, way: Way, claim: datetime, why: str) -> None:
    """Try again later, and later each time; the first failure in a row leaves its event."""
    with scoped(scope):
        row = selectors.own(scope).filter(id=way.stream, claimed_until=claim).select_for_update().first()
        if row is None:
            return
        row.failures, row.trouble, row.claimed_until = row.failures + 1, why[:300], None
        row.due_at = now() + timedelta(seconds=conf.back_off(row.failures))
        row.save(update_fields=["failures", "trouble", "claimed_until", "due_at"])
        if row.failures == 1:
            _record(scope, events.FAILING, row)


def _release(scope: Scope, way: Way, claim: datetime) -> None:
    with scoped(scope):
        selectors.own(scope).filter(id=way.stream, claimed_until=claim).update(claimed_until=None)


def _checked(scope: Scope, name: str, url: str, authorization: str) -> Kind:
    problems: list[Problem] = []
    kind = _SCHEMES.get(urlsplit(url.strip()).scheme)
    if not name.strip() or len(name) > 100:
        problems.append(Problem("name", "1 to 100 characters that say where it goes"))
    if kind is None:
        problems.append(Problem("url", "https://… for a webhook, or tls://HOST:PORT for syslog", url[:60]))
    if not (authorization.isascii() and authorization.isprintable() and len(authorization) <= 4000):
        problems.append(Problem("authorization", "one line of plain characters, or nothing"))
    if authorization and kind is Kind.SYSLOG:
        problems.append(Problem("authorization", "nothing: syslog has no such header"))
    if selectors.own(scope).filter(ended_at=None).count() >= _MOST_STREAMS:
        problems.append(Problem("url", f"{_MOST_STREAMS} streams at most: end one first"))
    if problems or kind is None:
        raise Invalid("The stream can't be set up like this.", problems=tuple(problems))
    return kind


def _registered(scope: Scope, url: str) -> Any:  # a row of egress's, whose model is its own
    """The destination; one that may not or can't be reached is the address's fault, and said where it was typed."""
    try:
        return egress.register_destination(scope=scope, url=url, purpose=Reason.STREAM)
    except (Refused, DeliveryFailed) as trouble:
        problem = Problem("url", f"a host that can be sent to: {trouble.message.rstrip('.')}")
        raise Invalid("The stream can't be set up like this.", problems=(problem,), hint=trouble.hint) from None


def _path(url: str) -> str:
    found = urlsplit(url.strip())
    return (found.path or "/") + (f"?{found.query}" if found.query else "")


def _place(row: Stream) -> Place:
    return Place(row.tenant_id, "streams_stream", "sealed", row.id)


def _where(row: Stream) -> dict[str, str]:
    return {"kind": row.kind, "host": row.host}


def _record(scope: Scope, event: EventType, row: Stream) -> None:
    audit.record(scope, event, on=row.reference, fields={**_where(row), "place": row.next_index})
