"""What provokes this room's security events; the promises about who may be sent to come with the register of them."""

from __future__ import annotations

from contextlib import suppress

from safehold.foundation.audit.probes.provoking import Provoker
from safehold.foundation.egress import events, flows
from safehold.foundation.egress.conf import Purpose
from safehold.foundation.egress.errors import Refused
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.scope import Scope

__all__ = ["PROVOKERS"]

_NOBODY = "https://93.184.216.34/"
"""An address of the public network, by number: no name is looked up, and nothing is sent."""


def _registered(scope: Scope) -> None:
    row = flows.register_destination(scope=scope, url=_NOBODY, purpose=Purpose.WEBHOOK)
    flows.end_destination(scope=scope, destination_id=row.id)


def _refused(scope: Scope) -> None:
    with suppress(Refused):
        flows.send(scope=scope, destination_id=new_id(), path="/", body=b"")


PROVOKERS: tuple[Provoker, ...] = (
    Provoker("a destination comes and goes", _registered, (events.REGISTERED, events.ENDED)),
    Provoker("sending to what isn't registered", _refused, (events.REFUSED,)),
)
