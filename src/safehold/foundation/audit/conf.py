"""Numbers that steer the log. Each says what it trades."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

__all__ = [
    "ALARM_SECONDS",
    "BATCH",
    "FLOOR_YEARS",
    "GRACE",
    "HEADS_A_ROUND",
    "HEARTBEAT_SECONDS",
    "MONTHS_SECONDS",
    "PASS_SECONDS",
    "REREAD",
    "ROUND_SECONDS",
    "TELL_SECONDS",
    "WINDOW",
]

PASS_SECONDS: Final = 0.2
"""How often the sealer looks for new events: the usual wait of an event for its place."""
BATCH: Final = 5_000
"""Events in one pass: a bigger one seals faster and holds its locks longer."""
ROUND_SECONDS: Final = 2.0
"""How often heads are signed: how long a rewritten log could go unnoticed, and how long a proof has to wait."""
TELL_SECONDS: Final = 60.0
"""How often a signed head is kept for good and told to the log of logs: each costs about as much as an event."""
HEADS_A_ROUND: Final = 500
"""Heads signed in one round, so that very many busy tenants don't hold up sealing."""
FLOOR_YEARS: Final = 1
"""No plan and no setting has events go sooner; the database refuses it too."""
GRACE: Final = timedelta(days=38)
"""How much longer than its plan says an event may be there: months go as a whole, and a job needs its day."""
REREAD: Final = 20_000
"""A log up to this size is read from its first event each time it is verified; a longer one from where that ended."""
WINDOW: Final = 4_096
"""How many older events are read again each time all the same, a different stretch every hour."""
HEARTBEAT_SECONDS: Final = 1.0
"""How often an idle sealer says that it is alive."""
MONTHS_SECONDS: Final = 6 * 3600.0
"""How often the sealer looks whether the months to come have their parts."""
ALARM_SECONDS: Final = 10.0
"""An event that waits longer for its place is an alarm."""
