"""What provokes this room's security events: a stream that comes, can't be delivered, and goes."""

from __future__ import annotations

from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.egress import events as egress_events, flows as egress
from safehold.foundation.scope.scope import Scope
from safehold.foundation.streams import events, flows

__all__ = ["PROVOKERS"]

_NOBODY = "https://93.184.216.34/"
"""An address of the public network, by number: no name is looked up, and nothing is sent."""


def _come_and_gone(scope: Scope) -> None:
    stream, _ = flows.create_stream(scope=scope, name="a check", url=_NOBODY, from_start=True)
    egress.end_destination(scope=scope, destination_id=stream.destination_id)
    flows.deliver(log_id=scope.tenant, stream_id=stream.id)
    flows.end_stream(scope=scope, stream_id=stream.id)


PROVOKERS: tuple[Provoker, ...] = (
    Provoker(
        "a stream that comes, fails and goes",
        _come_and_gone,
        (
            egress_events.REGISTERED,
            egress_events.ENDED,
            egress_events.REFUSED,
            events.CREATED,
            events.FAILING,
            events.ENDED,
        ),
    ),
)
