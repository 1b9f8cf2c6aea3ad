"""Numbers that steer streams. Each says what it trades."""

from __future__ import annotations

from typing import Final

__all__ = ["AT_ONCE", "BATCH", "CLAIM_SECONDS", "LONGEST_BACK_OFF", "PAUSE", "TURN_SECONDS", "back_off"]

BATCH: Final = 200
"""Events in one message to a webhook: a bigger one is repeated whole where its answer is lost."""
TURN_SECONDS: Final = 20.0
"""How long one stream may go on sending before it makes room for others."""
CLAIM_SECONDS: Final = 120.0
"""For how long a worker has a stream to itself. One that was killed meanwhile is replaced after so long."""
PAUSE: Final = 2.0
"""How often it is looked for streams that have something to send."""
AT_ONCE: Final = 8
"""Streams that are sent at once: a destination that doesn't answer holds up one of these places, and nothing else."""
LONGEST_BACK_OFF: Final = 900.0


def back_off(failures: int) -> float:
    """Seconds until the next try after so many failures in a row: 5, 10, 20 … and a quarter of an hour at most."""
    return min(5.0 * (1 << min(max(failures, 1), 20) - 1), LONGEST_BACK_OFF)
