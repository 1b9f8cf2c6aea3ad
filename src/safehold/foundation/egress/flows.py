"""Registering destinations, and sending to them.

`send` is called outside any transaction: nobody else's row is held, and nobody waits, while a far machine takes its
time. It opens its own before, to ask the register, and after, to note what came of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ssl import SSLSocket
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import F, QuerySet

from safehold.foundation.access.matrix import Permission
from safehold.foundation.audit import flows as audit
from safehold.foundation.egress import events, gateway, selectors
from safehold.foundation.egress.conf import Purpose
from safehold.foundation.egress.errors import DeliveryFailed, Refused
from safehold.foundation.egress.gateway import Answer, Target
from safehold.foundation.egress.models import Destination
from safehold.foundation.scope import clock
from safehold.foundation.scope.scope import Kind, Scope
from safehold.foundation.scope.transaction import scoped
from safehold.kernel.errors import Invalid, Problem

__all__ = ["connected", "end_destination", "register_destination", "send"]

_PORTS = {"https": 443, "tls": 6514}


def register_destination(*, scope: Scope, url: str, purpose: Purpose) -> Destination:
    """Let the scope's tenant, or the platform, send to this host and port for this purpose.

    `url` is https://HOST[:PORT]/… or tls://HOST[:PORT]; its path isn't kept. One that is registered already is given
    back.
    """
    _require(scope)
    scheme, host, port = _read(url)
    gateway.vet(host, port)
    wanted = {"purpose": purpose.value, "scheme": scheme, "host": host, "port": port}
    present = selectors.destinations(scope).filter(**wanted).first()
    if present is not None:
        return present
    row = Destination(tenant_id=scope.log_id, id=clock.new_id(), added_by=scope.actor, added_at=clock.now(), **wanted)
    row.save(force_insert=True)
    fields = {"host": _named(row), "purpose": row.purpose}
    audit.record(scope, events.REGISTERED, on=f"destination:{row.id}", fields=fields)
    return row


def end_destination(*, scope: Scope, destination_id: UUID) -> None:
    """Send nothing there any more, from this transaction's end on."""
    _require(scope)
    row = selectors.destination(scope, destination_id)
    if row.ended_at is not None:
        return
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    audit.record(scope, events.ENDED, on=f"destination:{row.id}", fields={"host": _named(row), "purpose": row.purpose})


def send(
    *, scope: Scope, destination_id: UUID, path: str, body: bytes, headers: Mapping[str, str] | None = None
) -> Answer:
    """Post `body` to a path of a registered destination; the answer, whatever its status.

    Raises `Refused` where nothing may go there, which leaves its event, and `DeliveryFailed` where nothing arrived.
    """
    with _noting(scope, destination_id) as target:
        return gateway.post(target, path=path, body=body, headers=headers or {})


@contextmanager
def connected(*, scope: Scope, destination_id: UUID) -> Iterator[SSLSocket]:
    """A connection over TLS to a registered destination, its certificate verified. Raises as `send` does."""
    with _noting(scope, destination_id) as target, gateway.connected(target) as connection:
        yield connection


@contextmanager
def _noting(scope: Scope, destination_id: UUID) -> Iterator[Target]:
    """What is sent to, and what came of it, in the register; a refusal leaves its event."""
    with scoped(scope):
        row = selectors.destinations(scope, ended=True).filter(id=destination_id).first()
    target = Target(Purpose(row.purpose), row.scheme, row.host, row.port) if row else None
    if target is None or (row and row.ended_at is not None):
        why = "it has ended" if target else "it isn't registered"
        _note_refusal(scope, target, destination_id, why)
        raise Refused(f"Nothing was sent to this destination: {why}.")
    try:
        yield target
    except Refused:
        _note_refusal(scope, target, destination_id, "it lies inside a network of its own")
        raise
    except DeliveryFailed as failed:
        with scoped(scope):
            _rows(scope, destination_id).update(failures=F("failures") + 1, trouble=failed.message[:300])
        raise
    with scoped(scope):
        _rows(scope, destination_id).update(failures=0, trouble="", delivered_at=clock.now())


def _note_refusal(scope: Scope, target: Target | None, destination_id: UUID, why: str) -> None:
    host, purpose = (f"{target.host}:{target.port}", target.purpose.value) if target else ("nobody", "unknown")
    fields = {"host": host, "purpose": purpose, "why": why}
    audit.record_apart(scope, events.REFUSED, on=f"destination:{destination_id}", fields=fields)


def _rows(scope: Scope, destination_id: UUID) -> QuerySet[Destination]:
    return Destination.objects.filter(tenant_id=scope.log_id, id=destination_id)


def _read(url: str) -> tuple[str, str, int]:
    expected = "https://HOST/… or tls://HOST:PORT, without user name and password"
    try:
        found = urlsplit(url.strip())
        host, port = (found.hostname or "").encode("idna").decode().lower(), found.port
    except (ValueError, UnicodeError):
        raise Invalid("This address can't be used.", problems=(Problem("url", expected),)) from None
    if found.scheme not in _PORTS or not host or found.username is not None or found.password is not None:
        raise Invalid("This address can't be used.", problems=(Problem("url", expected),))
    return found.scheme, host, port or _PORTS[found.scheme]


def _named(row: Destination) -> str:
    return f"{row.host}:{row.port}"


def _require(scope: Scope) -> None:
    if scope.kind is not Kind.PLATFORM:
        scope.require(Permission.SETTINGS_MANAGE)
