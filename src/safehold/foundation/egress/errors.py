"""What keeps something from going out. No message holds what was to be sent, nor the path it was to be sent to."""

from __future__ import annotations

from safehold.kernel.errors import Denied, Unavailable

__all__ = ["DeliveryFailed", "Refused"]


class Refused(Denied):
    """Nothing may be sent there."""

    code = "egress-refused"


class DeliveryFailed(Unavailable):
    """What was to be sent could not be delivered."""

    code = "delivery-failed"
