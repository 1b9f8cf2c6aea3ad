"""How a batch of events leaves: to a webhook as one signed message, or to syslog over TLS, one message an event.

Both go through egress, which knows where may be sent to and checks certificates. A sink either returns, and everything
has arrived, or raises `DeliveryFailed` or `Refused`, and nothing may count as having arrived.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.conf import settings

from safehold.foundation.audit.selectors import Activity
from safehold.foundation.egress import flows as egress
from safehold.foundation.egress.errors import DeliveryFailed
from safehold.foundation.scope.scope import Scope
from safehold.foundation.streams import ocsf, signing, syslog

__all__ = ["Kind", "Secrets", "Way", "send"]


class Kind(StrEnum):
    """The ways out."""

    WEBHOOK = "webhook"
    SYSLOG = "syslog"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a webhook needs and nobody else may read: its path, the key that signs, what its receiver asks for."""

    path: str = ""
    key: str = ""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """Where to, how, and whether personal values go along."""

    log: UUID
    stream: UUID
    kind: Kind
    destination: UUID
    personal: bool
    secrets: Secrets


def send(scope: Scope, way: Way, events: Sequence[Activity]) -> None:
    """Send these events, outside of any transaction."""
    lines = [ocsf.line(each, log=way.log, personal=way.personal) for each in events]
    if way.kind is Kind.WEBHOOK:
        _post(scope, way, events, lines)
    else:
        _write(scope, way, events, lines)


def _post(scope: Scope, way: Way, events: Sequence[Activity], lines: Sequence[bytes]) -> None:
    """The message's id is the stream and its first place: sent again with the same events, it has the same id."""
    body = b"\n".join(lines) + b"\n"
    message_id = f"msg_{way.stream.hex}_{events[0].index}_{len(events)}"
    headers = {
        "Content-Type": "application/jsonl; charset=utf-8",
        "User-Agent": "Safehold",
        **signing.headers(way.secrets.key, message_id=message_id, at=int(time.time()), body=body),
        **({"Authorization": way.secrets.authorization} if way.secrets.authorization else {}),
    }
    answer = egress.send(scope=scope, destination_id=way.destination, path=way.secrets.path, body=body, headers=headers)
    if not 200 <= answer.status < 300:
        raise DeliveryFailed(f"The receiver answered with {answer.status}.")


def _write(scope: Scope, way: Way, events: Sequence[Activity], lines: Sequence[bytes]) -> None:
    """Syslog answers nothing. That the other side closes after we did says that it has read to the end.

    Many close without TLS's own farewell, or don't close at all: they are taken to have read, since the connection held
    until everything was sent. One that is reset threw something away that it hadn't read.
    """
    host = settings.SAFEHOLD.host
    messages = (
        syslog.message(
            line, at=each.at, host=host, event_type=each.type, severity=int(ocsf.mapping_of(each.type).severity)
        )
        for each, line in zip(events, lines, strict=True)
    )
    with egress.connected(scope=scope, destination_id=way.destination) as connection:
        connection.sendall(b"".join(map(syslog.frame, messages)))
        connection.settimeout(_LINGER)
        try:
            connection.unwrap()
        except ConnectionError:
            raise
        except OSError:
            return


_LINGER = 5.0
"""Seconds to wait for the other side's farewell; many receivers never say one."""
